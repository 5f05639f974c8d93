// One object written under a condition, in one request or, above a part's size, by a multipart upload
// that is aborted whenever it does not end well. Every byte travels with its SHA-256, which the server
// checks. The object's metadata state the SHA-256 of the whole and which call wrote it.
import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { TandemError } from "@tandem/shared-logic";
import { inParallel } from "./in-parallel.ts";
import type { S3Calls } from "./s3-calls.ts";
import { PART_BYTES, PARTS_AT_ONCE } from "./s3-options.ts";

export const SHA256_METADATA = "tandem-sha256";
export const CALL_METADATA = "tandem-call";

export interface Upload {
  readonly Bucket: string;
  /** With the installation's prefix. */
  readonly Key: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** Unlike any other call's: a call that meets its own first try knows it by this. */
  readonly callId: string;
}

/** The object must be absent, or be the one of this ETag. */
export type Condition = { readonly IfNoneMatch: "*" } | { readonly IfMatch: string };

/** `refused`: the condition does not hold (any more), perhaps by an earlier try of the same call. */
export type Written =
  | { readonly kind: "written"; readonly etag: string }
  | { readonly kind: "refused" };

export const sha256Of = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("base64");

export async function upload(calls: S3Calls, what: Upload, condition: Condition): Promise<Written> {
  const { partBytes = PART_BYTES } = calls.options;
  if (what.bytes.length > partBytes) return uploadParts(calls, what, condition, partBytes);
  const { Bucket, Key, bytes: Body, sha256: ChecksumSHA256 } = what;
  const input = { Bucket, Key, Body, ChecksumSHA256, Metadata: metadataOf(what), ...condition };
  const put = await calls.call(
    `putting ${Key}`,
    (client, abortSignal) => client.send(new PutObjectCommand(input), { abortSignal }),
    ["refused", "absent"],
  );
  if (put.kind !== "done") return { kind: "refused" };
  return { kind: "written", etag: put.value.ETag ?? "" };
}

const metadataOf = ({ sha256, callId }: Upload): Record<string, string> => ({
  [SHA256_METADATA]: sha256,
  [CALL_METADATA]: callId,
});

async function uploadParts(
  calls: S3Calls,
  what: Upload,
  condition: Condition,
  partBytes: number,
): Promise<Written> {
  const { Bucket, Key } = what;
  const Metadata = metadataOf(what);
  const begin = { Bucket, Key, Metadata, ChecksumAlgorithm: "SHA256" } as const;
  const begun = await calls.call(`beginning to put ${Key}`, (client, abortSignal) =>
    client.send(new CreateMultipartUploadCommand(begin), { abortSignal }),
  );
  const UploadId = begun.kind === "done" ? begun.value.UploadId : undefined;
  if (UploadId === undefined) throw calls.unavailable(`putting ${Key}`, "no upload id came", 1);
  const place = { Bucket, Key, UploadId };
  let written: Written = { kind: "refused" };
  try {
    const parts = await putParts(calls, place, what.bytes, partBytes);
    // Gone: an earlier try completed it, or somebody swept it. The caller looks.
    if (parts !== undefined) written = await complete(calls, place, parts, condition);
  } finally {
    if (written.kind !== "written") await abort(calls, place);
  }
  return written;
}

interface Place {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

async function putParts(
  calls: S3Calls,
  place: Place,
  bytes: Uint8Array,
  partBytes: number,
): Promise<CompletedPart[] | undefined> {
  const count = Math.ceil(bytes.length / partBytes);
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  const parts = await inParallel(numbers, PARTS_AT_ONCE, async (PartNumber) => {
    const Body = bytes.subarray((PartNumber - 1) * partBytes, PartNumber * partBytes);
    const ChecksumSHA256 = sha256Of(Body);
    const input = { ...place, PartNumber, Body, ChecksumSHA256 };
    const sent = await calls.call(
      `putting part ${PartNumber} of ${place.Key}`,
      (client, abortSignal) => client.send(new UploadPartCommand(input), { abortSignal }),
      ["upload_gone"],
    );
    return sent.kind === "done" ? { PartNumber, ETag: sent.value.ETag, ChecksumSHA256 } : undefined;
  });
  const sent = parts.filter((part) => part !== undefined);
  return sent.length === count ? sent : undefined;
}

async function complete(
  calls: S3Calls,
  place: Place,
  Parts: CompletedPart[],
  condition: Condition,
): Promise<Written> {
  const input = { ...place, ...condition, MultipartUpload: { Parts } };
  const completed = await calls.call(
    `completing ${place.Key}`,
    (client, abortSignal) =>
      client.send(new CompleteMultipartUploadCommand(input), { abortSignal }),
    ["refused", "absent", "upload_gone"],
  );
  if (completed.kind !== "done") return { kind: "refused" };
  return { kind: "written", etag: completed.value.ETag ?? "" };
}

/** What cannot be aborted now is swept later; why the upload ended is what the caller is told. */
async function abort(calls: S3Calls, place: Place): Promise<void> {
  try {
    await calls.call(
      `aborting ${place.Key}`,
      (client, abortSignal) => client.send(new AbortMultipartUploadCommand(place), { abortSignal }),
      ["upload_gone", "absent"],
    );
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
  }
}

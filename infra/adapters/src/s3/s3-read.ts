// Objects read by parts, all of one version (its ETag), and checked against the SHA-256 in their metadata.
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { TandemError } from "@tandem/shared-logic";
import { inParallel } from "./in-parallel.ts";
import type { Outcome, S3Calls } from "./s3-calls.ts";
import { ATTEMPTS, PART_BYTES, PARTS_AT_ONCE } from "./s3-options.ts";
import { CALL_METADATA, SHA256_METADATA, sha256Of } from "./s3-upload.ts";

export interface Head {
  readonly etag: string;
  readonly sizeBytes: number;
  /** Absent where something else than Tandem wrote the object. */
  readonly sha256: string | undefined;
  readonly callId: string | undefined;
}

interface Piece extends Head {
  readonly bytes: Uint8Array;
}

export interface ObjectPlace {
  readonly Bucket: string;
  readonly Key: string;
}

/** The whole object; undefined where it is absent. */
export async function readObject(
  calls: S3Calls,
  place: ObjectPlace,
): Promise<Uint8Array | undefined> {
  const { attempts = ATTEMPTS, partBytes = PART_BYTES } = calls.options;
  for (let attempt = 1; ; attempt++) {
    const first = await readPiece(calls, place, 0, partBytes);
    if (first.kind === "absent") return undefined;
    if (first.kind === "beyond") return new Uint8Array(0);
    if (first.kind === "done") {
      const bytes = await withRest(calls, place, first.value, partBytes);
      const { sha256 } = first.value;
      if (bytes && (sha256 === undefined || sha256Of(bytes) === sha256)) return bytes;
      if (bytes && attempt >= attempts) throw damaged(place);
    }
    // Replaced while its parts were read, or damaged on the way: once more from its beginning.
    if (attempt >= attempts) {
      throw calls.unavailable(`getting ${place.Key}`, "it changes all the time", attempt);
    }
    await calls.wait(attempt);
  }
}

/** Undefined where the object changed meanwhile. */
async function withRest(
  calls: S3Calls,
  place: ObjectPlace,
  { sizeBytes, etag, bytes }: Piece,
  partBytes: number,
): Promise<Uint8Array | undefined> {
  if (bytes.length === sizeBytes) return bytes;
  const whole = new Uint8Array(sizeBytes);
  whole.set(bytes);
  const count = Math.ceil(sizeBytes / partBytes) - 1;
  const starts = Array.from({ length: count }, (_, i) => (i + 1) * partBytes);
  const came = await inParallel(starts, PARTS_AT_ONCE, async (from) => {
    const until = Math.min(from + partBytes, sizeBytes);
    const piece = await readPiece(calls, place, from, until, etag);
    if (piece.kind === "done") whole.set(piece.value.bytes, from);
    return piece.kind === "done";
  });
  return came.every(Boolean) ? whole : undefined;
}

/** The bytes from `from` to `until` or the object's end; `beyond` where the object ends before. */
export function readPiece(
  calls: S3Calls,
  place: ObjectPlace,
  from: number,
  until: number,
  etag?: string,
): Promise<Outcome<Piece, "absent" | "beyond" | "refused">> {
  const condition = etag === undefined ? {} : { IfMatch: etag };
  const input = { ...place, Range: `bytes=${from}-${until - 1}`, ...condition };
  return calls.call(
    `getting ${place.Key}`,
    async (client, abortSignal) => {
      const got = await client.send(new GetObjectCommand(input), { abortSignal });
      const bytes = (await got.Body?.transformToByteArray()) ?? new Uint8Array(0);
      const sizeBytes = totalOf(got.ContentRange) ?? bytes.length;
      const expected = Math.min(until, sizeBytes) - from;
      if (bytes.length !== expected) throw cutShort(bytes.length, expected);
      return { ...headOf(got, sizeBytes), bytes };
    },
    ["absent", "beyond", "refused"],
  );
}

/** Of `bytes 0-99/1234` the 1234. */
const totalOf = (range: string | undefined): number | undefined => {
  const total = Number(range?.slice(range.lastIndexOf("/") + 1));
  return Number.isSafeInteger(total) ? total : undefined;
};

export function headOf(
  { ETag, Metadata }: { ETag?: string | undefined; Metadata?: Record<string, string> | undefined },
  sizeBytes: number,
): Head {
  const { [SHA256_METADATA]: sha256, [CALL_METADATA]: callId } = Metadata ?? {};
  return { etag: ETag ?? "", sizeBytes, sha256, callId };
}

const cutShort = (got: number, expected: number): Error =>
  Object.assign(new Error(`${got} of ${expected} bytes came`), { code: "ECONNRESET" });

const damaged = ({ Bucket, Key }: ObjectPlace): TandemError =>
  new TandemError("corrupt_bytes", {
    message: `${Key} in bucket "${Bucket}" does not have the SHA-256 it was put with.`,
    details: { key: Key, bucket: Bucket },
  });

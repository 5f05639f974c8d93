// What is done to a bucket beside using it: making it before the first use, and clearing away uploads
// that a killed process left unfinished (they show nowhere but are paid for).
import { randomUUID } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  ListMultipartUploadsCommand,
} from "@aws-sdk/client-s3";
import { DAY_MS } from "@tandem/shared-logic";
import { S3Bucket } from "./s3-bucket.ts";
import { clientError, settingError } from "./s3-failure.ts";
import type { S3Options } from "./s3-options.ts";

/**
 * Makes the bucket if it is not there, and proves that the server keeps conditional writes: one that
 * ignores the condition would replace objects that must never change.
 */
export async function ensureBucket(options: S3Options): Promise<"created" | "exists"> {
  const bucket = new S3Bucket(options);
  try {
    const result = await create(bucket);
    await bucket.check();
    await proveConditions(bucket);
    return result;
  } finally {
    bucket.calls.close();
  }
}

async function create(bucket: S3Bucket): Promise<"created" | "exists"> {
  const { region, endpoint } = bucket.calls.options;
  // Amazon takes any region here but its first, which it wants unsaid.
  const elsewhere = endpoint === undefined && region !== "us-east-1";
  const made = await bucket.calls.call(
    `making bucket ${bucket.name}`,
    async (client, abortSignal) => {
      const input = {
        Bucket: bucket.name,
        ...(elsewhere
          ? { CreateBucketConfiguration: { LocationConstraint: region as "eu-west-1" } }
          : {}),
      };
      try {
        await client.send(new CreateBucketCommand(input), { abortSignal });
        return "created" as const;
      } catch (error) {
        const { name } = clientError(error);
        if (name === "BucketAlreadyOwnedByYou") return "exists" as const;
        if (name !== "BucketAlreadyExists") throw error;
        throw settingError("s3.bucket", `The bucket "${bucket.name}" belongs to somebody else.`);
      }
    },
  );
  return made.kind === "done" ? made.value : "exists";
}

async function proveConditions(bucket: S3Bucket): Promise<void> {
  const key = `probe-${randomUUID()}`;
  try {
    await bucket.write(bucket.upload(key, Uint8Array.of(1)), { IfNoneMatch: "*" });
    const again = await bucket.write(bucket.upload(key, Uint8Array.of(2)), { IfNoneMatch: "*" });
    if (again.kind === "refused") return;
    throw settingError("s3.endpoint", "This server ignores the condition of conditional writes.");
  } finally {
    await bucket.remove(key);
  }
}

/** Aborts uploads of this installation begun longer ago than `olderThanMs`; how many there were. */
export async function sweepUploads(options: S3Options, olderThanMs = DAY_MS): Promise<number> {
  const bucket = new S3Bucket(options);
  const beforeMs = options.clock.now() - olderThanMs;
  let aborted = 0;
  try {
    for await (const { Key, UploadId, Initiated } of uploads(bucket)) {
      if (Initiated === undefined || Initiated.getTime() > beforeMs) continue;
      const input = { Bucket: bucket.name, Key, UploadId };
      await bucket.calls.call(
        `aborting ${Key}`,
        (client, abortSignal) =>
          client.send(new AbortMultipartUploadCommand(input), { abortSignal }),
        ["upload_gone", "absent"],
      );
      aborted++;
    }
    return aborted;
  } finally {
    bucket.calls.close();
  }
}

async function* uploads(bucket: S3Bucket) {
  let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (;;) {
    const input = { Bucket: bucket.name, Prefix: bucket.prefix, ...marker };
    const page = await bucket.calls.call("listing uploads", (client, abortSignal) =>
      client.send(new ListMultipartUploadsCommand(input), { abortSignal }),
    );
    if (page.kind !== "done") return;
    yield* page.value.Uploads ?? [];
    const { IsTruncated, NextKeyMarker, NextUploadIdMarker } = page.value;
    if (IsTruncated !== true || !NextKeyMarker) return;
    marker = {
      KeyMarker: NextKeyMarker,
      ...(NextUploadIdMarker ? { UploadIdMarker: NextUploadIdMarker } : {}),
    };
  }
}

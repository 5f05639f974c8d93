// ObjectStore over S3. Put-if-absent is a conditional write (`If-None-Match: *`), so the server decides
// who creates an object; who is refused looks at what is there: its own call's first try is `created`,
// equal bytes by another are `exists`, others a conflict.
import { type ObjectStore, type StoredObject, TandemError } from "@tandem/shared-logic";
import { S3Bucket } from "./s3-bucket.ts";
import { PART_BYTES, type S3Options } from "./s3-options.ts";
import type { Head } from "./s3-read.ts";
import type { Upload } from "./s3-upload.ts";

/** Rounds of being refused and then finding nothing there. */
const ROUNDS = 8;

export class S3ObjectStore implements ObjectStore {
  private readonly bucket: S3Bucket;

  private constructor(bucket: S3Bucket) {
    this.bucket = bucket;
  }

  /** Fails with `configuration` where the bucket cannot be used as it is set up. */
  static async open(options: S3Options): Promise<S3ObjectStore> {
    const bucket = new S3Bucket(options);
    try {
      await bucket.check();
    } catch (error) {
      bucket.calls.close();
      throw error;
    }
    return new S3ObjectStore(bucket);
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<"created" | "exists"> {
    const what = this.bucket.upload(key, bytes);
    const { partBytes = PART_BYTES } = this.bucket.calls.options;
    // Parts would travel in vain before the server refuses to complete them.
    if (bytes.length > partBytes) {
      const stored = await this.bucket.head(key);
      const same = stored && (await this.compare(key, stored, what));
      if (same) return same;
    }
    for (let round = 1; round <= ROUNDS; round++) {
      if ((await this.bucket.write(what, { IfNoneMatch: "*" })).kind === "written")
        return "created";
      const stored = await this.bucket.head(key);
      const same = stored && (await this.compare(key, stored, what));
      if (same) return same;
      await this.bucket.calls.wait(round);
    }
    throw this.bucket.calls.unavailable(`putting ${key}`, "it comes and goes", ROUNDS);
  }

  /** Undefined where it is gone meanwhile. */
  private async compare(
    key: string,
    stored: Head,
    given: Upload,
  ): Promise<"created" | "exists" | undefined> {
    if (stored.callId === given.callId) return "created";
    if (stored.sizeBytes === given.bytes.length) {
      if (stored.sha256 === given.sha256) return "exists";
      if (stored.sha256 === undefined) {
        const bytes = await this.bucket.get(key);
        if (bytes === undefined) return undefined;
        if (Buffer.compare(bytes, given.bytes) === 0) return "exists";
      }
    }
    throw new TandemError("object_conflict", {
      message: `${given.Key} exists in bucket "${given.Bucket}" with other bytes.`,
      details: { key, storedBytes: stored.sizeBytes, givenBytes: given.bytes.length },
    });
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return this.bucket.get(key);
  }

  async getRange(key: string, from: number, until: number): Promise<Uint8Array | undefined> {
    if (!(from >= 0 && from <= until)) throw new RangeError(`bytes ${from} to ${until}`);
    // HTTP has no empty range: one byte tells whether the object is there.
    const piece = await this.bucket.piece(key, from, Math.max(until, from + 1));
    if (piece.kind === "absent") return undefined;
    return piece.kind === "done" ? piece.value.bytes.subarray(0, until - from) : new Uint8Array(0);
  }

  list(prefix: string, after?: string): AsyncIterable<StoredObject> {
    return this.bucket.list(prefix, after);
  }

  remove(key: string): Promise<void> {
    return this.bucket.remove(key);
  }

  /** Calls under way end with `cancelled`. */
  async close(): Promise<void> {
    this.bucket.calls.close();
  }
}

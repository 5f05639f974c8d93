// CheckpointStore over S3, so that whoever takes over a partition, on whatever machine, finds its
// checkpoints. Replacing is one conditional write on the version that is there: a write that its caller
// gave up, and that a frozen server carries out later, finds another version and is refused instead of
// bringing back old bytes. Among writers at the same time the last one wins.
import type { CheckpointStore } from "@tandem/shared-logic";
import { S3Bucket } from "./s3-bucket.ts";
import type { S3Options } from "./s3-options.ts";
import type { Condition } from "./s3-upload.ts";

/** Rounds of being refused because another writer was faster. */
const ROUNDS = 64;
/** Versions remembered, so that the next replacement of the same name needs no look. */
const REMEMBERED = 256;

export class S3CheckpointStore implements CheckpointStore {
  private readonly bucket: S3Bucket;
  private readonly etags = new Map<string, string>();

  private constructor(bucket: S3Bucket) {
    this.bucket = bucket;
  }

  /** Fails with `configuration` where the bucket cannot be used as it is set up. */
  static async open(options: S3Options): Promise<S3CheckpointStore> {
    const bucket = new S3Bucket(options);
    try {
      await bucket.check();
    } catch (error) {
      bucket.calls.close();
      throw error;
    }
    return new S3CheckpointStore(bucket);
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const what = this.bucket.upload(name, bytes);
    let condition = conditionOf(this.etags.get(name));
    for (let round = 1; round <= ROUNDS; round++) {
      const written = await this.bucket.write(what, condition);
      if (written.kind === "written") return this.remember(name, written.etag);
      const stored = await this.bucket.head(name);
      if (stored?.callId === what.callId) return this.remember(name, stored.etag);
      condition = conditionOf(stored?.etag);
      if (round > 2) await this.bucket.calls.wait(1);
    }
    throw this.bucket.calls.unavailable(
      `putting ${name}`,
      "others replace it all the time",
      ROUNDS,
    );
  }

  /** Verified against the SHA-256 it was put with. */
  get(name: string): Promise<Uint8Array | undefined> {
    return this.bucket.get(name);
  }

  async list(prefix: string): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const { key } of this.bucket.list(prefix)) names.push(key);
    return names;
  }

  async remove(name: string): Promise<void> {
    this.etags.delete(name);
    await this.bucket.remove(name);
  }

  /** Calls under way end with `cancelled`. */
  async close(): Promise<void> {
    this.bucket.calls.close();
  }

  private remember(name: string, etag: string): void {
    this.etags.delete(name);
    this.etags.set(name, etag);
    if (this.etags.size <= REMEMBERED) return;
    const [oldest] = this.etags.keys();
    if (oldest !== undefined) this.etags.delete(oldest);
  }
}

const conditionOf = (etag: string | undefined): Condition =>
  etag === undefined ? { IfNoneMatch: "*" } : { IfMatch: etag };

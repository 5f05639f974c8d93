// The objects of one installation in a bucket: what the stores over S3 have in common.
import { randomUUID } from "node:crypto";
import {
  DeleteObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
} from "@aws-sdk/client-s3";
import { type StoredObject, TandemError } from "@tandem/shared-logic";
import { checkKey } from "../embedded/files/walk.ts";
import { S3Calls } from "./s3-calls.ts";
import { settingError } from "./s3-failure.ts";
import type { S3Options } from "./s3-options.ts";
import { type Head, headOf, type ObjectPlace, readObject, readPiece } from "./s3-read.ts";
import { type Condition, sha256Of, type Upload, upload, type Written } from "./s3-upload.ts";

export class S3Bucket {
  readonly calls: S3Calls;
  readonly name: string;
  /** Empty or with a slash at its end. */
  readonly prefix: string;
  private readonly identity = randomUUID();
  private written = 0;

  constructor(options: S3Options) {
    const { prefix = "" } = options;
    if (prefix !== "") checkPrefix(prefix);
    this.calls = new S3Calls(options);
    this.name = options.bucket;
    this.prefix = prefix === "" ? "" : `${prefix}/`;
  }

  /** Asks once, so that a wrong setting shows at the start. Nothing is written. */
  async check(): Promise<void> {
    const { endpoint = "Amazon S3" } = this.calls.options;
    let page: ListObjectsV2CommandOutput;
    try {
      page = await this.page(this.prefix, undefined, 1);
    } catch (error) {
      if (!(error instanceof TandemError && error.code === "store_unavailable")) throw error;
      const fix = `Nothing answers at ${endpoint}: correct it or start the server.`;
      throw settingError("s3.endpoint", fix, error);
    }
    if (page.Name !== this.name) {
      throw settingError(
        "s3.endpoint",
        `What answers at ${endpoint} is not an S3 server: correct it.`,
      );
    }
  }

  upload(key: string, bytes: Uint8Array): Upload {
    const callId = `${this.identity}/${this.written++}`;
    return { ...this.place(key), bytes, sha256: sha256Of(bytes), callId };
  }

  write(what: Upload, condition: Condition): Promise<Written> {
    return upload(this.calls, what, condition);
  }

  async head(key: string): Promise<Head | undefined> {
    const input = this.place(key);
    const head = await this.calls.call(
      `looking at ${input.Key}`,
      (client, abortSignal) => client.send(new HeadObjectCommand(input), { abortSignal }),
      ["absent"],
    );
    return head.kind === "done" ? headOf(head.value, head.value.ContentLength ?? 0) : undefined;
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return readObject(this.calls, this.place(key));
  }

  /** The bytes from `from` to `until` or the object's end. */
  piece(key: string, from: number, until: number) {
    return readPiece(this.calls, this.place(key), from, until);
  }

  async *list(prefix: string, after = ""): AsyncGenerator<StoredObject> {
    let last = after === "" ? "" : this.prefix + after;
    for (;;) {
      const { Contents = [], IsTruncated } = await this.page(this.prefix + prefix, last, undefined);
      for (const { Key = "", Size = 0 } of Contents) {
        if (Key <= last) {
          const fix = "This server does not list keys in byte order (directory buckets do not).";
          throw settingError("s3.endpoint", fix);
        }
        last = Key;
        yield { key: Key.slice(this.prefix.length), sizeBytes: Size };
      }
      if (IsTruncated !== true || Contents.length === 0) return;
    }
  }

  private async page(Prefix: string, after: string | undefined, MaxKeys: number | undefined) {
    const input = {
      Bucket: this.name,
      Prefix,
      ...(after ? { StartAfter: after } : {}),
      ...(MaxKeys === undefined ? {} : { MaxKeys }),
    };
    const page = await this.calls.call(`listing ${Prefix}`, (client, abortSignal) =>
      client.send(new ListObjectsV2Command(input), { abortSignal }),
    );
    if (page.kind !== "done") throw this.calls.unavailable(`listing ${Prefix}`, "no answer", 1);
    return page.value;
  }

  async remove(key: string): Promise<void> {
    const input = this.place(key);
    await this.calls.call(
      `removing ${input.Key}`,
      (client, abortSignal) => client.send(new DeleteObjectCommand(input), { abortSignal }),
      ["absent"],
    );
  }

  private place(key: string): ObjectPlace {
    checkKey(key);
    return { Bucket: this.name, Key: this.prefix + key };
  }
}

function checkPrefix(prefix: string): void {
  try {
    checkKey(prefix);
  } catch (error) {
    throw settingError("s3.prefix", "Letters, digits and ._=@- with slashes between.", error);
  }
}

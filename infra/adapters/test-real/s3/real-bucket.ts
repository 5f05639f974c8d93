// A bucket of its own for one test file on the S3 server that the environment names, a prefix of its
// own for each store in it, and everything removed at the end.
import { randomBytes } from "node:crypto";
import { after } from "node:test";
import {
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import { systemClock } from "@tandem/adapters/embedded";
import { ensureBucket, type S3Options } from "@tandem/adapters/s3";
import { seededRandom } from "@tandem/shared-logic";

export function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: where are the real servers?`);
  return value;
}

export interface RealBucket {
  readonly client: S3Client;
  /** Another prefix each time. */
  options(more?: Partial<S3Options>): S3Options;
  /** Uploads begun and neither completed nor aborted. */
  unfinished(): Promise<number>;
}

export async function realBucket(): Promise<RealBucket> {
  const seed = randomBytes(4).readUInt32LE();
  const bucket = `tandem-test-${seed.toString(36)}`;
  const base: S3Options = {
    endpoint: environment("S3_ENDPOINT"),
    region: environment("S3_REGION"),
    bucket,
    credentials: {
      accessKey: environment("S3_ACCESS_KEY"),
      secretKey: environment("S3_SECRET_KEY"),
    },
    clock: systemClock(),
    random: seededRandom(seed),
  };
  const client = new S3Client({
    endpoint: environment("S3_ENDPOINT"),
    region: base.region,
    forcePathStyle: true,
    credentials: {
      accessKeyId: environment("S3_ACCESS_KEY"),
      secretAccessKey: environment("S3_SECRET_KEY"),
    },
  });
  await ensureBucket(base);
  after(async () => {
    for (;;) {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      if (Contents.length === 0) break;
      await Promise.all(
        Contents.map(({ Key }) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key }))),
      );
    }
    await client.send(new DeleteBucketCommand({ Bucket: bucket }));
    client.destroy();
  });
  let prefixes = 0;
  return {
    client,
    options: (more = {}) => ({ ...base, prefix: `case/${++prefixes}`, ...more }),
    async unfinished() {
      const listed = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
      return listed.Uploads?.length ?? 0;
    },
  };
}

export async function errorOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it should have failed");
}

export async function all<T>(things: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const thing of things) found.push(thing);
  return found;
}

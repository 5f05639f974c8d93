// Objects and checkpoints in S3, by @aws-sdk/client-s3.

export * from "./s3-checkpoint-store.ts";
export * from "./s3-object-store.ts";
export type { S3Credentials, S3Options } from "./s3-options.ts";
export * from "./s3-upkeep.ts";

// What an error of the S3 client means, decided in one place: try again, the condition did not hold, the
// object is not there, or a setting is wrong. Messages name settings and places, never secrets: the
// client's own errors, which carry parts of the signed request, are reduced to name and message.
import { TandemError } from "@tandem/shared-logic";
import type { S3Options } from "./s3-options.ts";

export type Failure =
  | { readonly kind: "transient" | "refused" | "absent" | "beyond" | "upload_gone" }
  | { readonly kind: "setting"; readonly setting: string; readonly fix: string };

const TRANSIENT_NAMES = new Set([
  "ConditionalRequestConflict",
  "OperationAborted",
  "RequestTimeout",
  "RequestTimeTooSkewed",
  "SlowDown",
  "InternalError",
  "BadDigest",
  "IncompleteBody",
  "TimeoutError",
]);
const NETWORK = /^(E(CONN|PIPE|TIMEDOUT|HOSTUN|NETUN|AI_AGAIN)|ERR_STREAM|UND_ERR)/;
const TLS = /^(EPROTO|ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;

interface ClientError {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly status: number | undefined;
}

export function clientError(error: unknown): ClientError {
  if (!(error instanceof Error)) {
    return { name: "Error", message: String(error), code: "", status: undefined };
  }
  const { code, $metadata } = error as {
    code?: unknown;
    $metadata?: { httpStatusCode?: number };
  } & Error;
  return {
    name: error.name,
    message: error.message,
    code: typeof code === "string" ? code : "",
    status: $metadata?.httpStatusCode,
  };
}

/** Undefined for what is no failure of the world. */
export function failureOf(error: unknown, options: S3Options): Failure | undefined {
  const { name, code, status, message } = clientError(error);
  const { endpoint = "Amazon S3", bucket, region } = options;
  const setting = (setting: string, fix: string): Failure => ({ kind: "setting", setting, fix });
  switch (name) {
    case "NoSuchBucket":
      return setting("s3.bucket", `There is no bucket "${bucket}": create it or correct the name.`);
    case "InvalidBucketName":
      return setting("s3.bucket", `"${bucket}" cannot be a bucket's name.`);
    case "InvalidAccessKeyId":
      return setting("s3.accessKey", "The server does not know this access key: correct it.");
    case "CredentialsProviderError":
      return setting(
        "s3.accessKey",
        "No credentials were found: set s3.accessKey and s3.secretKey.",
      );
    case "SignatureDoesNotMatch":
      return setting("s3.secretKey", "The secret key does not belong to s3.accessKey: correct it.");
    case "ExpiredToken":
    case "InvalidToken":
      return setting("s3.sessionToken", "The session token is not valid (any more): renew it.");
    case "AuthorizationHeaderMalformed":
    case "PermanentRedirect":
    case "IllegalLocationConstraintException":
      return setting("s3.region", `"${region}" is not the bucket's region: correct it.`);
    case "NotImplemented":
      return setting("s3.endpoint", "This server lacks what is needed: conditional writes.");
    case "NoSuchKey":
    case "NotFound":
      return { kind: "absent" };
    case "NoSuchUpload":
      return { kind: "upload_gone" };
    case "InvalidRange":
      return { kind: "beyond" };
    case "PreconditionFailed":
      return { kind: "refused" };
  }
  if (TRANSIENT_NAMES.has(name) || NETWORK.test(code)) return { kind: "transient" };
  if (code === "ENOTFOUND") {
    return setting("s3.endpoint", `The host of ${endpoint} is not known: correct it.`);
  }
  if (TLS.test(code)) {
    return setting("s3.endpoint", `${endpoint} does not speak TLS as it should (${code}).`);
  }
  if (status === 412) return { kind: "refused" };
  if (status === 416) return { kind: "beyond" };
  if (status !== undefined && (status >= 500 || status === 429 || status === 409)) {
    return { kind: "transient" };
  }
  if (status === 403) {
    return setting("s3.accessKey", `This access key may not use the bucket "${bucket}": allow it.`);
  }
  if (message.includes("XML parse error")) {
    return setting("s3.endpoint", `What answers at ${endpoint} is not an S3 server: correct it.`);
  }
  if (status === 404) return { kind: "absent" };
  if (code.startsWith("HPE_")) {
    return setting("s3.endpoint", `What answers at ${endpoint} does not speak HTTP: correct it.`);
  }
  return undefined;
}

/** The client's error without what it carries of the request. */
export function plainCause(error: unknown): Error {
  const { name, code, message, status } = clientError(error);
  const plain = new Error(
    `${[name, code, status].filter(Boolean).join(" ")}: ${firstLine(message)}`,
  );
  plain.name = name;
  return plain;
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";

export function settingError(setting: string, fix: string, cause?: unknown): TandemError {
  return new TandemError("configuration", {
    message: `${setting}: ${fix}`,
    details: { setting },
    cause: cause === undefined ? undefined : plainCause(cause),
  });
}

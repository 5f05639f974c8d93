// Requests to one S3 server: each try bounded in time, tries bounded in number with waits that grow and
// are spread ("full jitter", Brooker 2015), failures translated. The client's own retries are off: only
// here is it known which failure is one.
import { S3Client } from "@aws-sdk/client-s3";
import { TandemError, unit } from "@tandem/shared-logic";
import { type Failure, failureOf, plainCause, settingError } from "./s3-failure.ts";
import {
  ATTEMPTS,
  BACKOFF_MS,
  CONNECT_TIMEOUT_MS,
  LONGEST_BACKOFF_MS,
  REQUEST_TIMEOUT_MS,
  type S3Options,
} from "./s3-options.ts";

export type Outcome<T, K extends Failure["kind"]> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: K };

export class S3Calls {
  readonly options: S3Options;
  private readonly client: S3Client;
  private readonly closing = new AbortController();
  private readonly stopped: AbortSignal;

  constructor(options: S3Options) {
    this.options = options;
    this.client = clientOf(options);
    const { signal } = options;
    this.stopped = signal ? AbortSignal.any([signal, this.closing.signal]) : this.closing.signal;
  }

  /**
   * What `request` gives, or which of the `expected` failures it met. `request` reads bodies to their
   * end and hands the signal to the client.
   */
  async call<T, K extends "refused" | "absent" | "beyond" | "upload_gone" = never>(
    what: string,
    request: (client: S3Client, signal: AbortSignal) => Promise<T>,
    expected: readonly K[] = [],
  ): Promise<Outcome<T, K>> {
    const { attempts = ATTEMPTS, requestTimeoutMs = REQUEST_TIMEOUT_MS } = this.options;
    for (let attempt = 1; ; attempt++) {
      const timeout = AbortSignal.timeout(requestTimeoutMs);
      try {
        const signal = AbortSignal.any([timeout, this.stopped]);
        return { kind: "done", value: await endedBy(signal, request(this.client, signal)) };
      } catch (error) {
        if (this.stopped.aborted) throw new TandemError("cancelled");
        if (error instanceof TandemError) throw error;
        const failure: Failure | undefined = timeout.aborted
          ? { kind: "transient" }
          : failureOf(error, this.options);
        if (failure === undefined) throw this.unavailable(what, error, attempt);
        if (failure.kind === "setting") throw settingError(failure.setting, failure.fix, error);
        if (isOne(failure.kind, expected)) return { kind: failure.kind };
        if (failure.kind !== "transient" || attempt >= attempts) {
          throw this.unavailable(what, error, attempt);
        }
        const reason = timeout.aborted ? `no answer in ${requestTimeoutMs} ms` : reasonOf(error);
        this.options.onRetry?.(what, reason);
        await this.wait(attempt);
      }
    }
  }

  /** Before the next try. */
  async wait(attempt: number): Promise<void> {
    const { backoffMs = BACKOFF_MS, clock, random } = this.options;
    const mostMs = Math.min(backoffMs * 2 ** (attempt - 1), LONGEST_BACKOFF_MS);
    await clock.sleep(Math.ceil(unit(random) * mostMs), this.stopped);
  }

  unavailable(what: string, error: unknown, attempts: number): TandemError {
    const { endpoint = "Amazon S3", bucket } = this.options;
    return new TandemError("store_unavailable", {
      message: `${what} failed ${attempts} times at ${endpoint}, bucket "${bucket}": ${reasonOf(error)}`,
      details: { bucket, attempts },
      cause: plainCause(error),
    });
  }

  /** What is under way ends with `cancelled`. */
  close(): void {
    this.closing.abort();
    this.client.destroy();
  }
}

const reasonOf = (error: unknown): string => plainCause(error).message;

const isOne = <K extends Failure["kind"]>(kind: Failure["kind"], of: readonly K[]): kind is K =>
  of.some((k) => k === kind);

/** Not all of a body's readers look at the signal. */
async function endedBy<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let end = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    end = () => reject(signal.reason);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}

function clientOf(options: S3Options): S3Client {
  const { endpoint, region, credentials, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
  if (endpoint !== undefined) checkEndpoint(endpoint);
  return new S3Client({
    region,
    maxAttempts: 1,
    // SHA-256 is given and verified here; the client's default CRC32 would be computed beside it.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: {
      connectionTimeout: connectTimeoutMs,
      httpAgent: { keepAlive: true, maxSockets: 64 },
      httpsAgent: { keepAlive: true, maxSockets: 64 },
    },
    forcePathStyle: options.pathStyle ?? endpoint !== undefined,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined
      ? {}
      : {
          credentials: {
            accessKeyId: credentials.accessKey,
            secretAccessKey: credentials.secretKey,
            ...(credentials.sessionToken === undefined
              ? {}
              : { sessionToken: credentials.sessionToken }),
          },
        }),
  });
}

function checkEndpoint(endpoint: string): void {
  const url = URL.parse(endpoint);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw settingError("s3.endpoint", "It must be a URL as http://host:port.");
  }
  if (url.username !== "" || url.password !== "") {
    throw settingError("s3.endpoint", "Credentials belong in s3.accessKey and s3.secretKey.");
  }
}

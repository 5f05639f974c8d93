// What the S3 adapters are told: where the bucket is, who asks, and how long anything may take.
import type { Clock, Random } from "@tandem/shared-logic";

export interface S3Credentials {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

export interface S3Options {
  /** As `http://host:port`; absent for Amazon's own. */
  readonly endpoint?: string;
  readonly region: string;
  readonly bucket: string;
  /** The bucket in the path of addresses, not in the host. Default where there is an endpoint. */
  readonly pathStyle?: boolean;
  /** Keys begin with it and a slash, so that several installations share a bucket. Default none. */
  readonly prefix?: string;
  /** Absent: what the environment, profile or machine role provides. */
  readonly credentials?: S3Credentials;
  /** Waits between tries and the age of stale uploads go by it; network timeouts are real time. */
  readonly clock: Clock;
  /** Spreads the waits between tries. */
  readonly random: Random;
  /** Default 2,000. */
  readonly connectTimeoutMs?: number;
  /** One request with its body, at most `partBytes`, both ways. Default 15,000. */
  readonly requestTimeoutMs?: number;
  /** Tries of one request. Default 4. */
  readonly attempts?: number;
  /** First wait, doubled each time, up to 2 s. Default 100. */
  readonly backoffMs?: number;
  /** Larger objects go and come in parts of this size; S3 takes no less than 5 MiB. Default 16 MiB. */
  readonly partBytes?: number;
  /** Ends everything under way with `cancelled`, as `close` does. */
  readonly signal?: AbortSignal;
  /** Told of each try that failed and is repeated, for the operator's log. */
  readonly onRetry?: (request: string, reason: string) => void;
}

export const CONNECT_TIMEOUT_MS = 2_000;
export const REQUEST_TIMEOUT_MS = 15_000;
export const ATTEMPTS = 4;
export const BACKOFF_MS = 100;
export const LONGEST_BACKOFF_MS = 2_000;
export const PART_BYTES = 16 * 2 ** 20;
/** Parts of one object under way at once. */
export const PARTS_AT_ONCE = 4;

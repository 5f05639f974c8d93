// The optional client node-rdkafka: loaded when somebody asks for it, and missed with one clear line. It
// is compiled (`make rdkafka`), so it is no dependency and its types stand here as far as they are used.
import { createRequire } from "node:module";
import { TandemError } from "@tandem/shared-logic";

export type RdError = Error & { readonly code?: number };
type Done<T = void> = (error: RdError | null, result: T) => void;

export interface RdReport {
  readonly offset: number;
  readonly opaque: unknown;
}

export interface RdMessage {
  /** Null for a tombstone. */
  readonly value: Buffer | null;
  readonly offset: number;
  readonly headers?: readonly Readonly<Record<string, Buffer | string>>[];
}

interface RdClient {
  connect(options: { timeout: number }, done: Done<unknown>): void;
}

export interface RdProducer extends RdClient {
  disconnect(flushTimeoutMs: number, done: () => void): void;
  on(event: "event.error", listener: (error: RdError) => void): void;
  on(event: "delivery-report", listener: (error: RdError | null, report: RdReport) => void): void;
  produce(
    topic: string,
    partition: number,
    value: Buffer,
    key: Buffer,
    timestamp: number,
    opaque: unknown,
    headers?: readonly Readonly<Record<string, string>>[],
  ): void;
  flush(timeoutMs: number, done: Done): void;
  setPollInterval(ms: number): void;
}

export interface RdConsumer extends RdClient {
  disconnect(done: () => void): void;
  on(event: "event.error", listener: (error: RdError) => void): void;
  on(event: "partition.eof", listener: (at: { readonly offset: number }) => void): void;
  assign(places: readonly { topic: string; partition: number; offset: number }[]): void;
  setDefaultConsumeTimeout(ms: number): void;
  consume(count: number, done: Done<RdMessage[]>): void;
}

export type RdSettings = Readonly<Record<string, string | number | boolean>>;

export interface RdKafka {
  readonly librdkafkaVersion: string;
  /** What it was compiled with. */
  readonly features: readonly string[];
  readonly Producer: new (settings: RdSettings) => RdProducer;
  readonly KafkaConsumer: new (settings: RdSettings, topicSettings: RdSettings) => RdConsumer;
}

/** Where `make rdkafka` puts it, or wherever the user's own installation has it. */
const PLACES = [import.meta.url, new URL("../../../rdkafka/package.json", import.meta.url)];

export function loadRdkafka(): RdKafka {
  let cause: unknown;
  for (const place of PLACES) {
    try {
      return createRequire(place)("node-rdkafka");
    } catch (error) {
      cause = error;
    }
  }
  const reason = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "";
  throw new TandemError("configuration", {
    message: `The event log "rdkafka" needs node-rdkafka, which does not load here: run \`make rdkafka\`, or choose the log "kafka". (${reason})`,
    cause,
  });
}

/** A callback's outcome as a promise. */
export function called<T>(call: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}

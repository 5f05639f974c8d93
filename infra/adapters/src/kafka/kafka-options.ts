// Settings of the Kafka adapter with their defaults. None of the defaults may lose a record.
import type { ConnectionOptions } from "node:tls";
import type { Clock } from "@tandem/shared-logic";
import type { SASLOptions } from "kafkajs";
import { systemClock } from "../embedded/system-clock.ts";
import type { Compression } from "./batch/compression.ts";
import type { LoginSettings } from "./kafka-errors.ts";

export interface KafkaOptions {
  /** host:port of brokers to begin with. */
  readonly brokers: readonly string[];
  /** What the user calls the setting of `brokers`; error messages name it. KAFKA_BOOTSTRAP unless given. */
  readonly brokersSetting?: string;
  /** The same of a login; `sasl.mechanism` and so on unless given. */
  readonly loginSettings?: LoginSettings;
  readonly clientId?: string;
  readonly ssl?: ConnectionOptions | boolean;
  readonly sasl?: SASLOptions;
  readonly clock?: Clock;
  /** A connection that is not there after this is given up; 1000 unless given. */
  readonly connectTimeoutMs?: number;
  /** Every call but `append` and `waitFor` ends within about this; 5000 unless given. */
  readonly callTimeoutMs?: number;
  /** A record not acknowledged after this is `retry`; 2000 unless given. */
  readonly appendTimeoutMs?: number;
  /** How long the first record waits for others to share its batch; 2 unless given. */
  readonly lingerMs?: number;
  /** Below the topic's max.message.bytes; 900,000 unless given. */
  readonly maxBatchBytes?: number;
  /** Records not yet acknowledged; beyond it append answers `retry` at once. 64 MB unless given. */
  readonly maxOutstandingBytes?: number;
  /** Of what is appended; none unless given. Everything but snappy and lz4 can be read. */
  readonly compression?: Compression;
  /** A read asks for no more than this at once; 8 MB unless given. */
  readonly maxFetchBytes?: number;
  /** The broker answers a waiting reader at least this often; 500 unless given. */
  readonly pollMs?: number;
  /** Of topics that `create` makes; the brokers' defaults unless given. */
  readonly replication?: number;
  readonly minInsyncReplicas?: number;
  readonly retentionMs?: number;
  /** Told what the connections have to say; nothing is printed. */
  readonly log?: (level: "error" | "warn" | "info", message: string) => void;
}

export type KafkaSettings = Required<
  Omit<KafkaOptions, "ssl" | "sasl" | "replication" | "minInsyncReplicas" | "retentionMs">
> &
  Pick<KafkaOptions, "ssl" | "sasl" | "replication" | "minInsyncReplicas" | "retentionMs">;

const MEGABYTE = 1024 * 1024;

export function kafkaSettings(options: KafkaOptions): KafkaSettings {
  if (options.brokers.length === 0) throw new RangeError("no brokers");
  return {
    brokersSetting: "KAFKA_BOOTSTRAP",
    loginSettings: {
      mechanism: "sasl.mechanism",
      username: "sasl.username",
      password: "sasl.password",
    },
    clientId: "tandem",
    clock: systemClock(),
    connectTimeoutMs: 1000,
    callTimeoutMs: 5000,
    appendTimeoutMs: 2000,
    lingerMs: 2,
    maxBatchBytes: 900_000,
    maxOutstandingBytes: 64 * MEGABYTE,
    compression: "none",
    maxFetchBytes: 8 * MEGABYTE,
    pollMs: 500,
    log: () => undefined,
    ...options,
  };
}

// EventLog over Kafka by node-rdkafka: librdkafka carries the records, both ways; topics, ranges, waits
// and committed offsets go the way of the kafka adapter. For those who run librdkafka everywhere else.
import {
  type AppendRecord,
  type AppendResult,
  type EventLog,
  type OffsetRange,
  type RecordBatch,
  type StopSignal,
  TandemError,
} from "@tandem/shared-logic";
import { KafkaEventLog } from "../kafka/kafka-event-log.ts";
import { type KafkaOptions, type KafkaSettings, kafkaSettings } from "../kafka/kafka-options.ts";
import { within } from "../kafka/time-limit.ts";
import { RdkafkaAppender } from "./rdkafka-appender.ts";
import { loadRdkafka, type RdKafka } from "./rdkafka-module.ts";
import { RdkafkaReader } from "./rdkafka-reader.ts";
import { mustCompress } from "./rdkafka-settings.ts";

export class RdkafkaEventLog implements EventLog {
  private readonly rdkafka: RdKafka;
  private readonly settings: KafkaSettings;
  private readonly control: KafkaEventLog;
  private readonly appender: RdkafkaAppender;
  private readonly readers = new Map<string, RdkafkaReader>();
  private closing: Promise<void> | undefined;

  /** Throws `configuration` where node-rdkafka is not installed, or lacks the compression. */
  constructor(options: KafkaOptions) {
    this.rdkafka = loadRdkafka();
    this.settings = kafkaSettings(options);
    mustCompress(this.settings, this.rdkafka);
    this.control = new KafkaEventLog(options);
    this.appender = new RdkafkaAppender(this.rdkafka, this.settings);
  }

  create(dataset: string, partitions: number): Promise<void> {
    return this.control.create(dataset, partitions);
  }

  partitions(dataset: string): Promise<number> {
    return this.control.partitions(dataset);
  }

  async append(
    dataset: string,
    records: readonly AppendRecord[],
  ): Promise<readonly AppendResult[]> {
    const { appendTimeoutMs } = this.settings;
    const untilMs = performance.now() + appendTimeoutMs;
    const sent = records.map((record) => ({
      ...record,
      key: record.key.slice(),
      value: record.value.slice(),
    }));
    const asked = within(appendTimeoutMs, "Kafka", this.control.partitions(dataset));
    const count = await asked.catch((error: unknown) => {
      if (error instanceof TandemError && this.closing === undefined) return error;
      throw error;
    });
    if (count instanceof TandemError) return records.map(() => ({ ok: false, error: count }));
    if (count === 0) throw noDataset(dataset);
    for (const { partition } of sent) mustBeBelow(partition, count);
    // Begun before the log was closed, so it has results.
    if (this.closing !== undefined) return records.map(() => ({ ok: false, error: closed() }));
    return this.appender.append(dataset, sent, untilMs);
  }

  async read(
    dataset: string,
    partition: number,
    from: number,
    maxBytes: number,
  ): Promise<RecordBatch> {
    const count = await this.control.partitions(dataset);
    if (count === 0) throw noDataset(dataset);
    mustBeBelow(partition, count);
    this.mustBeOpen();
    const key = JSON.stringify([dataset, partition]);
    let reader = this.readers.get(key);
    if (reader === undefined) {
      const rangeOf = async () => (await this.control.ranges(dataset))[partition] ?? NOTHING;
      reader = new RdkafkaReader(this.rdkafka, this.settings, dataset, partition, rangeOf);
      this.readers.set(key, reader);
    }
    return reader.read(from, maxBytes);
  }

  ranges(dataset: string): Promise<readonly OffsetRange[]> {
    return this.control.ranges(dataset);
  }

  waitFor(
    dataset: string,
    partition: number,
    offset: number,
    timeoutMs: number,
    signal?: StopSignal,
  ): Promise<void> {
    return this.control.waitFor(dataset, partition, offset, timeoutMs, signal);
  }

  commit(dataset: string, group: string, partition: number, offset: number): Promise<void> {
    return this.control.commit(dataset, group, partition, offset);
  }

  committed(dataset: string, group: string): Promise<readonly (number | undefined)[]> {
    return this.control.committed(dataset, group);
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    const control = this.control.close();
    await Promise.all([
      control,
      this.appender.close(),
      ...[...this.readers.values()].map((reader) => reader.close()),
    ]);
  }

  private mustBeOpen(): void {
    if (this.closing !== undefined) throw closed();
  }
}

const closed = (): TandemError =>
  new TandemError("log_unavailable", { message: "The event log is closed." });

const NOTHING: OffsetRange = { start: 0, end: 0 };

function noDataset(dataset: string): TandemError {
  return new TandemError("log_unavailable", {
    message: `There is no topic ${dataset}.`,
    details: { dataset },
  });
}

function mustBeBelow(partition: number, count: number): void {
  if (!(Number.isInteger(partition) && partition >= 0 && partition < count)) {
    throw new RangeError(`partition ${partition}`);
  }
}

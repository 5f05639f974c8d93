// EventLog over Kafka. A dataset is a topic. Connections are kafkajs', records are written and read below
// its message API: appended as idempotent batches acknowledged by all in-sync replicas, read as bytes.
import {
  type AppendRecord,
  type AppendResult,
  type EventLog,
  type OffsetRange,
  type RecordBatch,
  type StopSignal,
  TandemError,
} from "@tandem/shared-logic";
import { Appender } from "./append/appender.ts";
import { Delivery } from "./append/delivery.ts";
import { ProducerIdentities } from "./append/producer-identities.ts";
import { BrokerConnections } from "./broker-connections.ts";
import { ClusterMap, noTopic } from "./cluster-map.ts";
import { GroupOffsets } from "./group-offsets.ts";
import { type KafkaOptions, type KafkaSettings, kafkaSettings } from "./kafka-options.ts";
import { EndWatch } from "./read/end-watch.ts";
import { PartitionReader } from "./read/partition-reader.ts";
import { within } from "./time-limit.ts";
import { makeTopic } from "./topic-admin.ts";

export class KafkaEventLog implements EventLog {
  private readonly settings: KafkaSettings;
  private readonly connections: BrokerConnections;
  private readonly map: ClusterMap;
  private readonly appender: Appender;
  private readonly reader: PartitionReader;
  private readonly watch: EndWatch;
  private readonly groups: GroupOffsets;
  private closing: Promise<void> | undefined;

  /** Connects with the first call. */
  constructor(options: KafkaOptions) {
    const settings = kafkaSettings(options);
    const connections = new BrokerConnections(settings);
    const map = new ClusterMap(connections, settings);
    const identities = new ProducerIdentities(connections, map);
    this.settings = settings;
    this.connections = connections;
    this.map = map;
    this.appender = new Appender(new Delivery(connections, map, identities, settings), settings);
    this.reader = new PartitionReader(connections, map, settings);
    this.watch = new EndWatch(connections, map, this.reader, settings);
    this.groups = new GroupOffsets(connections, map, settings);
  }

  async create(dataset: string, partitions: number): Promise<void> {
    this.mustBeOpen();
    if (!(Number.isInteger(partitions) && partitions > 0)) throw new RangeError("no partitions");
    const { replication, minInsyncReplicas, retentionMs } = this.settings;
    const config: Record<string, string> = { "cleanup.policy": "delete" };
    if (retentionMs !== undefined) config["retention.ms"] = `${retentionMs}`;
    if (minInsyncReplicas !== undefined) config["min.insync.replicas"] = `${minInsyncReplicas}`;
    await makeTopic(this.connections, this.map, this.settings, {
      name: dataset,
      partitions,
      ...(replication === undefined ? {} : { replication }),
      config,
    });
  }

  async partitions(dataset: string): Promise<number> {
    this.mustBeOpen();
    return (await this.map.leaders(dataset)).length;
  }

  async append(
    dataset: string,
    records: readonly AppendRecord[],
  ): Promise<readonly AppendResult[]> {
    this.mustBeOpen();
    const untilMs = performance.now() + this.settings.appendTimeoutMs;
    // Gathered in the caller's turn where the topic is known.
    const known = this.map.known(dataset)?.length;
    if (known !== undefined) return this.appendTo(dataset, known, records, untilMs);
    const own = records.map((record) => ({
      ...record,
      key: record.key.slice(),
      value: record.value.slice(),
    }));
    const answer = await this.countOf(dataset);
    // Begun before the log was closed, so it has results.
    const count = this.closing === undefined ? answer : closed();
    if (typeof count === "number") return this.appendTo(dataset, count, own, untilMs);
    return records.map(() => ({ ok: false, error: count }));
  }

  async read(
    dataset: string,
    partition: number,
    from: number,
    maxBytes: number,
  ): Promise<RecordBatch> {
    await this.mustHave(dataset, partition);
    if (from < 0) {
      const untilMs = performance.now() + this.settings.callTimeoutMs;
      const range = await this.reader.range(dataset, partition, untilMs);
      throw new TandemError("offset_out_of_range", {
        details: { dataset, partition, from, ...range },
      });
    }
    return this.reader.read(dataset, partition, from, maxBytes);
  }

  async ranges(dataset: string): Promise<readonly OffsetRange[]> {
    this.mustBeOpen();
    return this.reader.ranges(dataset, (await this.map.leaders(dataset)).length);
  }

  async waitFor(
    dataset: string,
    partition: number,
    offset: number,
    timeoutMs: number,
    signal?: StopSignal,
  ): Promise<void> {
    this.mustBeOpen();
    try {
      await this.mustHave(dataset, partition);
    } catch (error) {
      // Closed meanwhile, which ends a wait without an error.
      if (this.closing !== undefined) return;
      throw error;
    }
    await this.watch.wait(dataset, partition, offset, timeoutMs, signal);
  }

  async commit(dataset: string, group: string, partition: number, offset: number): Promise<void> {
    await this.mustHave(dataset, partition);
    await this.groups.commit(dataset, group, partition, offset);
  }

  async committed(dataset: string, group: string): Promise<readonly (number | undefined)[]> {
    this.mustBeOpen();
    const partitions = [...(await this.map.leaders(dataset)).keys()];
    if (partitions.length === 0) return [];
    const found = await this.groups.committed(dataset, group, partitions);
    return partitions.map((p) => found.get(p));
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async closeAll(): Promise<void> {
    this.watch.close();
    await this.appender.close();
    this.connections.close();
  }

  private async countOf(dataset: string): Promise<number | TandemError> {
    const { appendTimeoutMs } = this.settings;
    const asked = this.map.leaders(dataset).then((leaders) => leaders.length);
    return within(appendTimeoutMs, this.connections.describe(), asked).catch((error: unknown) => {
      if (error instanceof TandemError && error.retryable) return error;
      throw error;
    });
  }

  private async appendTo(
    dataset: string,
    count: number,
    records: readonly AppendRecord[],
    untilMs: number,
  ): Promise<readonly AppendResult[]> {
    if (count === 0) throw noTopic(dataset);
    for (const { partition } of records) mustBeBelow(partition, count);
    return this.appender.append(dataset, records, untilMs);
  }

  private mustBeOpen(): void {
    if (this.closing !== undefined) throw closed();
  }

  private async mustHave(dataset: string, partition: number): Promise<void> {
    this.mustBeOpen();
    const count = this.map.known(dataset)?.length ?? (await this.map.leaders(dataset)).length;
    this.mustBeOpen();
    if (count === 0) throw noTopic(dataset);
    mustBeBelow(partition, count);
  }
}

const closed = (): TandemError =>
  new TandemError("log_unavailable", { message: "The event log is closed." });

function mustBeBelow(partition: number, count: number): void {
  if (!(Number.isInteger(partition) && partition >= 0 && partition < count)) {
    throw new RangeError(`partition ${partition}`);
  }
}

// Reads one partition by fetch requests of our own: follows a leader that moved, skips what readers of
// committed records do not see, and says where the log starts and ends when asked for what it has not.
import { type OffsetRange, type RecordBatch, TandemError } from "@tandem/shared-logic";
import { readBatches } from "../batch/read-batches.ts";
import type { BrokerConnections } from "../broker-connections.ts";
import type { ClusterMap } from "../cluster-map.ts";
import { asUnavailable, CODE, errorOfCode, isFinal } from "../kafka-errors.ts";
import type { KafkaSettings } from "../kafka-options.ts";
import { backoffMs, within } from "../time-limit.ts";
import { type FetchedPartition, fetchRequest } from "../wire/fetch-request.ts";
import type { BrokerAddress } from "../wire/metadata-request.ts";

const EARLIEST = -2;
const LATEST = -1;
const READ_COMMITTED = 1;
const MOST_REQUEST_BYTES = 2 ** 31 - 1;

export class PartitionReader {
  private readonly connections: BrokerConnections;
  private readonly map: ClusterMap;
  private readonly settings: KafkaSettings;

  constructor(connections: BrokerConnections, map: ClusterMap, settings: KafkaSettings) {
    this.connections = connections;
    this.map = map;
    this.settings = settings;
  }

  async read(
    topic: string,
    partition: number,
    from: number,
    maxBytes: number,
  ): Promise<RecordBatch> {
    const untilMs = performance.now() + this.settings.callTimeoutMs;
    let at = from;
    let askBytes = Math.min(Math.max(maxBytes, 1), this.settings.maxFetchBytes);
    for (;;) {
      const fetched = await this.fetch(topic, partition, at, askBytes, untilMs);
      if (fetched.errorCode === CODE.offsetOutOfRange) {
        throw outOfRange(topic, partition, from, await this.range(topic, partition, untilMs));
      }
      const batch = this.decode(topic, fetched, at, maxBytes);
      if (batch.count > 0) return { ...batch, release: () => this.connections.free(fetched.bytes) };
      // Nothing but what is skipped: there may be records behind it.
      if (batch.to >= fetched.stableEnd) return batch;
      if (batch.to === at) {
        if (fetched.bytes.length === 0 || askBytes >= MOST_REQUEST_BYTES) return batch;
        askBytes = Math.min(4 * Math.max(askBytes, fetched.bytes.length), MOST_REQUEST_BYTES);
      }
      at = batch.to;
      if (performance.now() > untilMs) return batch;
    }
  }

  /** Start and end by partition, of committed records. */
  async ranges(topic: string, partitions: number): Promise<OffsetRange[]> {
    const untilMs = performance.now() + this.settings.callTimeoutMs;
    const all = Array.from({ length: partitions }, (_, p) => p);
    const [starts, ends] = await Promise.all([
      this.listOffsets(topic, all, EARLIEST, untilMs),
      this.listOffsets(topic, all, LATEST, untilMs),
    ]);
    return all.map((p) => ({ start: starts.get(p) ?? 0, end: ends.get(p) ?? 0 }));
  }

  async range(topic: string, partition: number, untilMs: number): Promise<OffsetRange> {
    const [starts, ends] = await Promise.all([
      this.listOffsets(topic, [partition], EARLIEST, untilMs),
      this.listOffsets(topic, [partition], LATEST, untilMs),
    ]);
    return { start: starts.get(partition) ?? 0, end: ends.get(partition) ?? 0 };
  }

  private decode(topic: string, fetched: FetchedPartition, from: number, maxBytes: number) {
    try {
      return readBatches(fetched, from, maxBytes);
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      throw new TandemError(error.code, {
        message: `Partition ${fetched.partition} of ${topic}: ${error.message}`,
        details: { topic, partition: fetched.partition, from, ...error.details },
        cause: error,
      });
    }
  }

  private fetch(
    topic: string,
    partition: number,
    from: number,
    maxBytes: number,
    untilMs: number,
  ): Promise<FetchedPartition> {
    const request = fetchRequest([{ topic, partition, from, maxBytes }], {
      maxWaitMs: 0,
      maxBytes,
    });
    return this.following(topic, partition, untilMs, async (to, leftMs) => {
      const [fetched] = await this.connections.send(to, "read", leftMs, request);
      const code = fetched?.errorCode ?? CODE.unknownTopic;
      if (fetched !== undefined && (code === CODE.none || code === CODE.offsetOutOfRange)) {
        return fetched;
      }
      throw errorOfCode(code, `partition ${partition} of topic ${topic}`);
    });
  }

  private async listOffsets(
    topic: string,
    partitions: readonly number[],
    timestamp: number,
    untilMs: number,
  ): Promise<Map<number, number>> {
    const found = new Map<number, number>();
    const leaders = await this.map.leaders(topic);
    const byLeader = Map.groupBy(partitions, (p) => leaders[p] ?? -1);
    for (const own of byLeader.values()) {
      const [first = 0] = own;
      const list = await this.following(topic, first, untilMs, (to, leftMs) =>
        this.connections.call(to, "ask", leftMs, (broker) =>
          broker.listOffsets({
            isolationLevel: READ_COMMITTED,
            topics: [{ topic, partitions: own.map((partition) => ({ partition, timestamp })) }],
          }),
        ),
      );
      for (const { partition, offset } of list.responses.flatMap((r) => r.partitions)) {
        found.set(partition, Number(offset));
      }
    }
    return found;
  }

  /** Tries with the partition's leader, whoever that is by then, until it answers or the time is over. */
  private following<T>(
    topic: string,
    partition: number,
    untilMs: number,
    work: (to: BrokerAddress, leftMs: number) => Promise<T>,
  ): Promise<T> {
    const limitMs = Math.max(1, untilMs - performance.now());
    const place = `${this.connections.describe()}, partition ${partition} of ${topic}`;
    return within(limitMs, place, this.attempts(topic, partition, untilMs, work));
  }

  private async attempts<T>(
    topic: string,
    partition: number,
    untilMs: number,
    work: (to: BrokerAddress, leftMs: number) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const to = await this.map.leader(topic, partition, untilMs);
      try {
        // Not all of the time on one broker: a frozen one may be the leader no longer.
        const leftMs = Math.min(untilMs - performance.now(), this.settings.callTimeoutMs / 2);
        return await work(to, Math.max(1, leftMs));
      } catch (cause) {
        const error = asUnavailable(cause, `Kafka broker ${to.host}:${to.port}`);
        const code = error instanceof TandemError ? error.details["kafkaCode"] : undefined;
        const retryable = error instanceof TandemError && error.retryable;
        if (!retryable || (typeof code === "number" && isFinal(code))) throw error;
        if (code === undefined) this.map.noteFailure(to);
        const waitMs = backoffMs(attempt);
        if (performance.now() + waitMs >= untilMs) throw error;
        await this.settings.clock.sleep(waitMs);
        await this.map.refresh(topic).catch(() => undefined);
      }
    }
  }
}

function outOfRange(topic: string, partition: number, from: number, range: OffsetRange) {
  return new TandemError("offset_out_of_range", {
    message: `Offset ${from} of ${topic}/${partition} is outside of ${range.start} to ${range.end}.`,
    details: { dataset: topic, partition, from, ...range },
  });
}

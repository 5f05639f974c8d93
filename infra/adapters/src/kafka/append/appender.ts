// Group commit to Kafka: records gather per partition for a moment, then one batch of each partition
// travels to its leader and is sent again, with the same numbers, until it is acknowledged by all
// in-sync replicas or nobody waits for it any more. Each call ends within its time limit.
import { type AppendRecord, type AppendResult, TandemError } from "@tandem/shared-logic";
import type { KafkaSettings } from "../kafka-options.ts";
import type { Delivery } from "./delivery.ts";
import { PartitionQueue, type WaitingBatch } from "./partition-queue.ts";

interface Place {
  readonly batch: WaitingBatch;
  readonly index: number;
}

const RECORD_OVERHEAD_BYTES = 20;

export class Appender {
  private readonly settings: KafkaSettings;
  private readonly delivery: Delivery;
  private readonly queues = new Map<string, PartitionQueue[]>();
  private outstandingBytes = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(delivery: Delivery, settings: KafkaSettings) {
    this.delivery = delivery;
    this.settings = settings;
  }

  /** The records' partitions exist. `untilMs` is when the caller wants to know. */
  async append(
    topic: string,
    records: readonly AppendRecord[],
    untilMs: number,
  ): Promise<AppendResult[]> {
    const places = records.map((record) => this.gather(topic, record, untilMs));
    const batches = new Set(places.flatMap((place) => place?.batch ?? []));
    await this.settledOrLate([...batches], untilMs);
    // Whoever tries again at once must not keep the answers that make room from being read.
    if (places.includes(undefined)) await new Promise((resolve) => setImmediate(resolve));
    return places.map((place, i) => this.result(place, records[i]?.partition ?? 0));
  }

  /** Waits for what is under way, no longer than an append's time limit. */
  async close(): Promise<void> {
    this.pump();
    const untilMs = performance.now() + this.settings.appendTimeoutMs;
    const left = () => [...this.queues.values()].flat().flatMap((queue) => queue?.batches ?? []);
    await this.settledOrLate(left(), untilMs);
    clearTimeout(this.timer);
    for (const batch of left()) {
      if (batch.outcome === undefined) {
        batch.settle({ ok: false, error: unavailable("the log was closed") });
      }
    }
  }

  private gather(topic: string, record: AppendRecord, untilMs: number): Place | undefined {
    const { key, value, partition, traceparent } = record;
    const sizeBytes = key.length + value.length + RECORD_OVERHEAD_BYTES;
    if (this.outstandingBytes + sizeBytes > this.settings.maxOutstandingBytes) return undefined;
    const queue = this.queue(topic, partition);
    const batch = queue.open(sizeBytes, this.settings.maxBatchBytes);
    const before = batch.builder.sizeBytes;
    batch.builder.add(key, value, this.settings.clock.now(), traceparent);
    const addedBytes = batch.builder.sizeBytes - before;
    batch.gatheredBytes += addedBytes;
    this.outstandingBytes += addedBytes;
    batch.expiresAtMs = untilMs;
    if (!queue.underWay) this.schedule(queue.full ? 0 : this.settings.lingerMs);
    return { batch, index: batch.builder.count - 1 };
  }

  private result(place: Place | undefined, partition: number): AppendResult {
    if (place === undefined) {
      return { ok: false, error: unavailable("too many records wait for Kafka") };
    }
    const { outcome } = place.batch;
    if (outcome === undefined) {
      const { appendTimeoutMs } = this.settings;
      return { ok: false, error: unavailable(`not acknowledged within ${appendTimeoutMs} ms`) };
    }
    if (!outcome.ok) return outcome;
    return { ok: true, partition, offset: outcome.baseOffset + place.index };
  }

  private queue(topic: string, partition: number): PartitionQueue {
    let queues = this.queues.get(topic);
    if (queues === undefined) {
      queues = [];
      this.queues.set(topic, queues);
    }
    queues[partition] ??= new PartitionQueue(topic, partition);
    return queues[partition];
  }

  private schedule(delayMs: number): void {
    if (this.timer !== undefined && delayMs > 0) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pump(), delayMs);
  }

  /** Sends the first batch of every partition that has one and none under way. */
  private pump(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const ready: PartitionQueue[] = [];
    for (const queues of this.queues.values()) {
      for (const queue of queues) {
        if (queue === undefined || queue.underWay || queue.batches.length === 0) continue;
        queue.underWay = true;
        ready.push(queue);
      }
    }
    if (ready.length === 0) return;
    this.delivery.deliver(ready, (queue) => this.finish(queue));
  }

  private finish(queue: PartitionQueue): void {
    queue.underWay = false;
    const batch = queue.batches.shift();
    this.outstandingBytes -= batch?.gatheredBytes ?? 0;
    // What gathered meanwhile has waited long enough.
    if (queue.batches.length > 0) this.schedule(0);
  }

  private settledOrLate(batches: readonly WaitingBatch[], untilMs: number): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(0, untilMs - performance.now()));
    });
    const settled = Promise.all(batches.map((batch) => batch.settled));
    return Promise.race([settled, late]).finally(() => clearTimeout(timer));
  }
}

function unavailable(what: string): TandemError {
  return new TandemError("log_unavailable", {
    message: `The record may not be in the log: ${what}.`,
  });
}

// Reads one partition by a consumer of its own, non-flowing: it is assigned at an offset and asked for
// messages, which librdkafka fetches ahead. Reads that follow one another take what is there; another
// offset assigns anew. What came but did not fit into a read waits for the next one.
import {
  type OffsetRange,
  type RecordBatch,
  TandemError,
  type TracedRecord,
} from "@tandem/shared-logic";
import { TRACE_HEADER } from "../kafka/batch/trace-header.ts";
import type { KafkaSettings } from "../kafka/kafka-options.ts";
import { called, type RdConsumer, type RdKafka, type RdMessage } from "./rdkafka-module.ts";
import { consumerSettings } from "./rdkafka-settings.ts";

const MOST_MESSAGES = 2000;
/** What one look for messages waits; a read looks until there is one, or the end is known. */
const LOOK_MS = 20;

export class RdkafkaReader {
  private readonly settings: KafkaSettings;
  private readonly topic: string;
  private readonly partition: number;
  private readonly rangeOf: () => Promise<OffsetRange>;
  private readonly consumer: RdConsumer;
  private readonly ready: Promise<unknown>;
  private waiting: RdMessage[] = [];
  /** Where the next message will come from; -1 before the first assignment. */
  private next = -1;
  /** Up to here nothing but what is skipped was left, when it was last seen. */
  private seenEnd = -1;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    rdkafka: RdKafka,
    settings: KafkaSettings,
    topic: string,
    partition: number,
    rangeOf: () => Promise<OffsetRange>,
  ) {
    this.settings = settings;
    this.topic = topic;
    this.partition = partition;
    this.rangeOf = rangeOf;
    const noReset = { "auto.offset.reset": "error" };
    const consumer = new rdkafka.KafkaConsumer(consumerSettings(settings), noReset);
    consumer.setDefaultConsumeTimeout(LOOK_MS);
    consumer.on("event.error", (error) => settings.log("warn", error.message));
    consumer.on("partition.eof", ({ offset }) => {
      this.seenEnd = Math.max(this.seenEnd, offset);
    });
    const timeout = settings.callTimeoutMs;
    this.ready = called<unknown>((done) => consumer.connect({ timeout }, done));
    this.ready.catch(() => undefined);
    this.consumer = consumer;
  }

  read(from: number, maxBytes: number): Promise<RecordBatch> {
    const read = this.turn.catch(() => undefined).then(() => this.readNow(from, maxBytes));
    this.turn = read;
    return read;
  }

  async close(): Promise<void> {
    await this.ready.catch(() => undefined);
    await this.turn.catch(() => undefined);
    await new Promise<void>((resolve) => this.consumer.disconnect(resolve));
  }

  private async readNow(from: number, maxBytes: number): Promise<RecordBatch> {
    const untilMs = performance.now() + this.settings.callTimeoutMs;
    await this.ready;
    await this.moveTo(from);
    for (;;) {
      const skip = this.waiting.findIndex((m) => m.offset >= from);
      this.waiting = skip < 0 ? [] : this.waiting.slice(skip);
      if (this.waiting.length > 0) break;
      this.waiting = await called<RdMessage[]>((done) => {
        this.consumer.consume(Math.max(1, Math.min(MOST_MESSAGES, maxBytes >> 7)), done);
      });
      const last = this.waiting.at(-1);
      if (last !== undefined) this.next = last.offset + 1;
      else if (await this.isEnd(from, untilMs)) break;
    }
    return this.take(from, maxBytes);
  }

  private async moveTo(from: number): Promise<void> {
    const first = this.waiting[0]?.offset ?? this.next;
    const inSight = this.next >= 0 && from <= this.next && from >= first;
    if (inSight || (from === this.next && this.waiting.length === 0)) return;
    const range = await this.rangeOf();
    this.mustLieIn(range, from);
    this.waiting = [];
    this.seenEnd = -1;
    this.next = from;
    this.consumer.assign([{ topic: this.topic, partition: this.partition, offset: from }]);
  }

  /** Nothing came: because there is nothing, or because it takes its time. */
  private async isEnd(from: number, untilMs: number): Promise<boolean> {
    const range = await this.rangeOf();
    this.mustLieIn(range, from);
    if (from === range.end || this.seenEnd >= range.end) return true;
    if (performance.now() < untilMs) return false;
    throw new TandemError("log_unavailable", {
      message: `No records of ${this.topic}/${this.partition} from ${from} on within ${this.settings.callTimeoutMs} ms.`,
    });
  }

  private take(from: number, maxBytes: number): RecordBatch {
    let count = 0;
    let sizeBytes = 0;
    for (const { value } of this.waiting) {
      if (count > 0 && sizeBytes + (value?.length ?? 0) > maxBytes) break;
      sizeBytes += value?.length ?? 0;
      count++;
    }
    const taken = this.waiting.splice(0, count);
    const bytes = new Uint8Array(sizeBytes);
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    let at = 0;
    for (const [i, { value }] of taken.entries()) {
      if (value !== null) bytes.set(value, at);
      starts[i] = at;
      at += value?.length ?? 0;
      ends[i] = at;
    }
    const offsets = Float64Array.from(taken, (message) => message.offset);
    const last = taken.at(-1);
    // At the end there may be markers of transactions, which are no messages.
    const to = last === undefined ? Math.max(from, this.seenEnd) : last.offset + 1;
    if (last === undefined) this.next = to;
    const traces = taken.flatMap(tracesOf);
    const traced = traces.length > 0 ? { traces } : {};
    return { partition: this.partition, to, count, bytes, starts, ends, offsets, ...traced };
  }

  private mustLieIn({ start, end }: OffsetRange, from: number): void {
    if (from >= start && from <= end) return;
    throw new TandemError("offset_out_of_range", {
      details: { dataset: this.topic, partition: this.partition, from, start, end },
    });
  }
}

const NO_TRACES: readonly TracedRecord[] = [];

function tracesOf({ headers, offset }: RdMessage): readonly TracedRecord[] {
  if (headers === undefined) return NO_TRACES;
  const found = headers.find((header) => TRACE_HEADER in header)?.[TRACE_HEADER];
  return found === undefined ? NO_TRACES : [{ offset, traceparent: String(found) }];
}

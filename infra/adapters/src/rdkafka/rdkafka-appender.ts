// Appends by librdkafka's idempotent producer, which numbers, batches and resends by itself. A record's
// delivery report settles it; a call ends within its time limit all the same.
import { type AppendRecord, type AppendResult, TandemError } from "@tandem/shared-logic";
import { TRACE_HEADER } from "../kafka/batch/trace-header.ts";
import type { KafkaSettings } from "../kafka/kafka-options.ts";
import { within } from "../kafka/time-limit.ts";
import { called, type RdError, type RdKafka, type RdProducer } from "./rdkafka-module.ts";
import { producerSettings } from "./rdkafka-settings.ts";

interface Call {
  readonly results: (AppendResult | undefined)[];
  left: number;
  readonly done: () => void;
}

/** Given with a record and back with its report. */
interface Place {
  readonly call: Call;
  readonly index: number;
  readonly partition: number;
}

/** How often reports are fetched. */
const POLL_MS = 5;

export class RdkafkaAppender {
  private readonly rdkafka: RdKafka;
  private readonly settings: KafkaSettings;
  private connecting: Promise<RdProducer> | undefined;

  constructor(rdkafka: RdKafka, settings: KafkaSettings) {
    this.rdkafka = rdkafka;
    this.settings = settings;
  }

  /** The records are the appender's own; librdkafka copies them once it is connected. */
  async append(
    topic: string,
    records: readonly AppendRecord[],
    untilMs: number,
  ): Promise<AppendResult[]> {
    const results: (AppendResult | undefined)[] = new Array(records.length).fill(undefined);
    const leftMs = () => Math.max(1, untilMs - performance.now());
    try {
      this.connecting ??= this.connect();
      const producer = await within(leftMs(), this.place(), this.connecting);
      await within(leftMs(), this.place(), this.produce(producer, topic, records, results));
    } catch (error) {
      const late = error instanceof TandemError ? error : unavailable(`${error}`, error);
      return results.map((result) => result ?? { ok: false, error: late });
    }
    return results.map((result) => result ?? { ok: false, error: unavailable("no report") });
  }

  async close(): Promise<void> {
    const producer = await this.connecting?.catch(() => undefined);
    if (producer === undefined) return;
    const { appendTimeoutMs } = this.settings;
    await called<void>((done) => producer.flush(appendTimeoutMs, done)).catch(() => undefined);
    await new Promise<void>((resolve) => producer.disconnect(appendTimeoutMs, resolve));
  }

  private produce(
    producer: RdProducer,
    topic: string,
    records: readonly AppendRecord[],
    results: (AppendResult | undefined)[],
  ): Promise<void> {
    return new Promise((resolve) => {
      const call: Call = { results, left: records.length, done: resolve };
      if (records.length === 0) resolve();
      const now = this.settings.clock.now();
      for (const [index, { partition, key, value, traceparent }] of records.entries()) {
        const place: Place = { call, index, partition };
        try {
          const traced = traceparent === undefined ? [] : [[{ [TRACE_HEADER]: traceparent }]];
          producer.produce(topic, partition, bufferOf(value), bufferOf(key), now, place, ...traced);
        } catch (error) {
          settle(place, { ok: false, error: unavailable(`${error}`, error) });
        }
      }
    });
  }

  private connect(): Promise<RdProducer> {
    const producer = new this.rdkafka.Producer(producerSettings(this.settings));
    producer.on("event.error", (error) => this.settings.log("warn", error.message));
    producer.on("delivery-report", (error, report) => {
      const place = report.opaque as Place;
      const { partition } = place;
      if (error) settle(place, { ok: false, error: unavailable(error.message, error) });
      else settle(place, { ok: true, partition, offset: report.offset });
    });
    const timeout = this.settings.appendTimeoutMs;
    return called<unknown>((done) => producer.connect({ timeout }, done)).then(
      () => {
        producer.setPollInterval(POLL_MS);
        return producer;
      },
      (error: RdError) => {
        this.connecting = undefined;
        producer.disconnect(timeout, () => undefined);
        throw unavailable(`${this.place()}: ${error.message}`, error);
      },
    );
  }

  private place(): string {
    return `Kafka at ${this.settings.brokers.join(", ")} (${this.settings.brokersSetting})`;
  }
}

const bufferOf = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);

function settle({ call, index }: Place, result: AppendResult): void {
  call.results[index] = result;
  call.left--;
  if (call.left === 0) call.done();
}

function unavailable(what: string, cause?: unknown): TandemError {
  return new TandemError("log_unavailable", {
    message: `The record may not be in the log: ${what}`,
    cause,
  });
}

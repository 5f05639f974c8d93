// Writers that append to every partition of a log until told to stop and remember what was acknowledged, where,
// and how long calls took; afterwards the log is read and held against it. Texts are never sent again, so that
// one that is there twice was written twice by the client.
import { type AppendResult, type EventLog, TandemError } from "@tandem/shared-logic";
import { readAll } from "@tandem/shared-logic/testing";

const WRITERS_OF_A_PARTITION = 2;
const RECORDS_OF_A_CALL = 5;
const LOOK_MS = 20;
const GIVE_UP_MS = 60_000;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export interface LogFound {
  /** Acknowledged, and not where that said. */
  readonly lost: readonly string[];
  /** Texts that are there more than once. */
  readonly twice: number;
  readonly records: number;
}

export class LogLoad {
  readonly acknowledged = new Map<
    string,
    { readonly partition: number; readonly offset: number }
  >();
  refused = 0;
  longestMs = 0;
  private readonly log: EventLog;
  private readonly topic: string;
  private readonly counts: number[];
  private stopping = false;
  private readonly done: Promise<unknown>;

  constructor(log: EventLog, topic: string, partitions: number) {
    this.log = log;
    this.topic = topic;
    this.counts = Array.from({ length: partitions }, () => 0);
    const writers = Array.from({ length: WRITERS_OF_A_PARTITION * partitions }, (_, i) =>
      this.write(i, i % partitions),
    );
    this.done = Promise.all(writers);
  }

  /** Once `more` further records were acknowledged in every partition; false where time ran out. */
  async advance(more: number, withinMs = GIVE_UP_MS): Promise<boolean> {
    const enough = this.counts.map((count) => count + more);
    const until = performance.now() + withinMs;
    while (this.counts.some((count, p) => count < (enough[p] ?? 0))) {
      if (performance.now() > until) return false;
      await new Promise((wake) => setTimeout(wake, LOOK_MS));
    }
    return true;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.done;
  }

  /** After `stop`. */
  async check(): Promise<LogFound> {
    const lost = new Set(this.acknowledged.keys());
    let [records, twice] = [0, 0];
    for (const partition of this.counts.keys()) {
      const seen = new Set<string>();
      const all = await answered(() => readAll(this.log, this.topic, partition));
      for (const { offset, value } of all) {
        const text = decoder.decode(value);
        records++;
        if (seen.has(text)) twice++;
        seen.add(text);
        const at = this.acknowledged.get(text);
        if (at?.partition === partition && at.offset === offset) lost.delete(text);
      }
    }
    return { lost: [...lost], twice, records };
  }

  private async write(name: number, partition: number): Promise<void> {
    const key = new Uint8Array(1);
    for (let i = 0; !this.stopping; i++) {
      const texts = Array.from({ length: RECORDS_OF_A_CALL }, (_, k) => `${name} ${i} ${k}`);
      const records = texts.map((text) => ({ partition, key, value: encoder.encode(text) }));
      const began = performance.now();
      const results: readonly AppendResult[] = await this.log.append(this.topic, records);
      this.longestMs = Math.max(this.longestMs, performance.now() - began);
      for (const [k, result] of results.entries()) {
        if (!result.ok) this.refused++;
        else {
          this.acknowledged.set(texts[k] ?? "", result);
          this.counts[partition] = (this.counts[partition] ?? 0) + 1;
        }
      }
    }
  }
}

/** Asks again where the brokers are not in order yet: the last kill was a moment ago. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  const until = performance.now() + GIVE_UP_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const passes = error instanceof TandemError && error.retryable;
      if (!passes || performance.now() > until) throw error;
      await new Promise((wake) => setTimeout(wake, LOOK_MS));
    }
  }
}

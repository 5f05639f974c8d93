// A client as they should be: it sends every event until it is acknowledged, with the same id and bytes, to
// any collector that answers. It also sends copies for no reason. It remembers what it sent, and how long
// and what every collector answered.
import { setTimeout as pause } from "node:timers/promises";
import { below, type Random, seededRandom } from "@tandem/shared-logic";
import type { PlainEvent } from "../../test/parity/plain-oracle.ts";
import { AnswerTimes } from "./answer-times.ts";
import { drillEvent } from "./drill-events.ts";

export interface LoadOptions {
  readonly ports: readonly number[];
  readonly key: string;
  readonly tenant: string;
  readonly seed: number;
  readonly baseMs: number;
  readonly eventsPerSecond: number;
}

interface Parcel {
  readonly lines: readonly string[];
  /** Sent for no reason: nobody waits for it. */
  readonly copy: boolean;
}

const TICK_MS = 100;
const AT_ONCE = 24;
const GIVE_UP_MS = 10_000;
const COPY_ONE_IN = 8;

export class LoadClient {
  /** Each event once, acknowledged or on its way. */
  readonly events: PlainEvent[] = [];
  times = new AnswerTimes();
  acknowledged = 0;
  private readonly o: LoadOptions;
  private readonly random: Random;
  private readonly waiting: Parcel[] = [];
  private inFlight = 0;
  private unacknowledged = 0;
  private sending = false;
  private running: Promise<void> = Promise.resolve();

  constructor(options: LoadOptions) {
    this.o = options;
    this.random = seededRandom(options.seed);
  }

  start(): void {
    if (this.sending) return;
    this.sending = true;
    this.running = this.run();
  }

  /** No new events; resolves once all that were sent are acknowledged. False where time ran out. */
  async settle(withinMs: number): Promise<boolean> {
    this.sending = false;
    await this.running;
    const until = performance.now() + withinMs;
    while (this.unacknowledged > 0 || this.inFlight > 0 || this.waiting.length > 0) {
      if (performance.now() > until) return false;
      this.dispatch();
      await pause(TICK_MS);
    }
    return true;
  }

  /** Answers from now on. */
  begin(): AnswerTimes {
    this.times = new AnswerTimes();
    return this.times;
  }

  get pending(): number {
    return this.unacknowledged;
  }

  private async run(): Promise<void> {
    let owed = 0;
    let before = performance.now();
    while (this.sending) {
      const now = performance.now();
      owed = Math.min(owed + ((now - before) / 1000) * this.o.eventsPerSecond, 500);
      before = now;
      for (; owed >= 1; ) {
        const count = Math.min(Math.floor(owed), 1 + below(this.random, 30));
        owed -= count;
        this.waiting.push({ lines: this.make(count), copy: false });
      }
      this.dispatch();
      await pause(TICK_MS);
    }
  }

  private make(count: number): string[] {
    const { seed, baseMs, tenant } = this.o;
    this.unacknowledged += count;
    return Array.from({ length: count }, () => {
      const { json, plain } = drillEvent(seed, baseMs, this.events.length, tenant);
      this.events.push(plain);
      return json;
    });
  }

  private dispatch(): void {
    while (this.inFlight < AT_ONCE) {
      const parcel = this.waiting.shift();
      if (!parcel) return;
      this.inFlight++;
      void this.send(parcel).finally(() => {
        this.inFlight--;
      });
    }
  }

  private async send(parcel: Parcel): Promise<void> {
    const { ports, key } = this.o;
    const port = ports[below(this.random, ports.length)];
    const began = performance.now();
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
        body: parcel.lines.join("\n"),
        signal: AbortSignal.timeout(GIVE_UP_MS),
      });
      const body = await answer.text();
      this.times.answered(performance.now() - began, String(answer.status));
      if (answer.status === 202) return this.accepted(parcel, body);
      if (answer.status !== 503) this.times.wrong(`${answer.status}: ${body.slice(0, 200)}`);
      else if (!answer.headers.has("retry-after")) this.times.wrong("503 without Retry-After");
    } catch (error) {
      this.times.unanswered(performance.now() - began, error);
    }
    if (parcel.copy) return;
    await pause(200 + below(this.random, 800));
    this.waiting.push(parcel);
  }

  private accepted(parcel: Parcel, body: string): void {
    const { accepted } = JSON.parse(body) as { accepted?: number };
    if (accepted !== parcel.lines.length) this.times.wrong(`202 with ${body.slice(0, 200)}`);
    if (parcel.copy) return;
    this.unacknowledged -= parcel.lines.length;
    this.acknowledged += parcel.lines.length;
    if (below(this.random, COPY_ONE_IN) === 0)
      this.waiting.push({ lines: parcel.lines, copy: true });
  }
}

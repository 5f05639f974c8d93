// Asks the serving process the whole time, and judges every answer as it comes: it is there, it is not more
// than was ever sent, and where the view store is away it says since when it is stale.
import { setTimeout as pause } from "node:timers/promises";
import { type Answer, DAY_MS, type EpochMs, formatInstant } from "@tandem/shared-logic";
import type { PlainEvent } from "../../test/parity/plain-oracle.ts";
import { AnswerTimes } from "./answer-times.ts";

export interface QueryOptions {
  readonly port: number;
  readonly key: string;
  readonly from: number;
  readonly until: number;
  /** Whatever was sent so far. */
  readonly events: readonly PlainEvent[];
}

/** What is asked over and over; an answer of before is there for each. */
const ROUND = ["events", "purchases", "revenue", "active_users"] as const;
const EVERY_MS = 250;
const GIVE_UP_MS = 15_000;

export class QueryClient {
  times = new AnswerTimes();
  /** Answers with `stale_since`. */
  stale = 0;
  readonly degraded = new Set<string>();
  private readonly o: QueryOptions;
  private asking = false;
  private running: Promise<void> = Promise.resolve();

  constructor(options: QueryOptions) {
    this.o = options;
  }

  /** Asks every question until it is answered once: what is known before anything happens. */
  async warm(): Promise<void> {
    for (const metric of ROUND) while (!(await this.ask(metric))) await pause(EVERY_MS);
  }

  start(): void {
    this.asking = true;
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.asking = false;
    await this.running;
  }

  begin(): void {
    this.times = new AnswerTimes();
    this.stale = 0;
    this.degraded.clear();
  }

  /** Undefined where there is no answer. */
  async ask(metric: string, more = ""): Promise<Answer | undefined> {
    const { port, key, from, until } = this.o;
    const range = `from=${formatInstant(from as EpochMs)}&until=${formatInstant(until as EpochMs)}`;
    const url = `http://127.0.0.1:${port}/metrics/${metric}?${range}&grain=day${more}`;
    const began = performance.now();
    try {
      const headers = { authorization: `Bearer ${key}` };
      const answer = await fetch(url, { headers, signal: AbortSignal.timeout(GIVE_UP_MS) });
      const text = await answer.text();
      this.times.answered(performance.now() - began, String(answer.status));
      if (answer.status === 200) return JSON.parse(text) as Answer;
      this.times.wrong(`${metric}: ${answer.status}: ${text.slice(0, 200)}`);
    } catch (error) {
      this.times.unanswered(performance.now() - began, error);
    }
    return undefined;
  }

  private async run(): Promise<void> {
    for (let i = 0; this.asking; i++) {
      const metric = ROUND[i % ROUND.length] ?? "events";
      const answer = await this.ask(metric);
      if (answer) this.judge(metric, answer);
      await pause(EVERY_MS);
    }
  }

  private judge(metric: string, answer: Answer): void {
    for (const code of answer.degraded) this.degraded.add(code.split(":")[0] ?? code);
    if (answer.degraded.some((code) => code.startsWith("stale_since"))) this.stale++;
    if (metric !== "events" && metric !== "purchases") return;
    const { events } = this.o;
    for (const point of answer.points) {
      const [from, until] = [Date.parse(point.from), Date.parse(point.until)];
      const most = events.filter(
        (e) =>
          e.timeMs >= from && e.timeMs < until && (metric === "events" || e.type === "purchase"),
      ).length;
      if (Number(point.value) > most || Number(point.low) > most)
        this.times.wrong(`${metric} on ${point.from}: ${point.value} of ${most} that were sent`);
    }
  }
}

/** The days that the events lie in. */
export function daysRound(fromMs: number, untilMs: number): { from: number; until: number } {
  const from = Math.floor(fromMs / DAY_MS) * DAY_MS;
  return { from, until: (Math.floor(untilMs / DAY_MS) + 1) * DAY_MS };
}

// Answers of before, for when the store does not answer: they say `stale_since`, the last moment at which they
// were known to be true. Once the store has failed, one question at a time finds out whether it answers again,
// and no other question with an answer of before waits for it. A question without one waits, and fails. Where the
// store answers, but so slowly that a question takes longer than it may, the same is done; one that has no answer
// of before may take twice as long.
import { type Answer, type EpochMs, formatInstant, TandemError } from "@tandem/shared-logic";
import { Lru } from "./lru.ts";
import { within } from "./within.ts";

interface Known {
  readonly answers: readonly Answer[];
  readonly tag: string;
  readonly at: EpochMs;
}

export interface Stale {
  readonly ok: true;
  readonly answers: readonly Answer[];
  /** The first of them. */
  readonly answer: Answer;
  readonly tag: undefined;
}

/** How long the question that finds out waits itself. */
const PROBE_MS = 300;

const passes = (error: unknown): boolean => error instanceof TandemError && error.retryable;

export class LastKnownGood {
  private readonly known: Lru<Known>;
  private readonly longestMs: number | undefined;
  private away = false;
  private probing = false;

  /** `longestMs`: what a question may take, in real time; the work of a late one goes on. */
  constructor(answers: number, longestMs?: number) {
    this.known = new Lru(answers);
    this.longestMs = longestMs;
  }

  remember(question: string, known: Known): void {
    this.known.set(question, known);
  }

  /** The store said that the answer with this tag is still the answer. */
  confirm(question: string, tag: string, at: EpochMs): void {
    const known = this.known.get(question);
    if (known?.tag === tag) this.known.set(question, { ...known, at });
  }

  /** `work` reads the store; its failures that may pass are answered by what was known. */
  async orStale<T>(question: string, work: () => Promise<T>): Promise<T | Stale> {
    const known = this.known.get(question);
    if (!known) return this.inTime(work(), 2);
    if (this.away && this.probing) return staleOf(known);
    try {
      if (!this.away) return await this.inTime(this.watched(work), 1);
      this.probing = true;
      const probe = this.watched(work).finally(() => {
        this.probing = false;
      });
      return (await within(PROBE_MS, probe)) ?? staleOf(known);
    } catch (error) {
      if (!passes(error)) throw error;
      return staleOf(known);
    }
  }

  /** Late is not away: one question may be much dearer than others. */
  private async inTime<T>(work: Promise<T>, times: number): Promise<T> {
    if (this.longestMs === undefined) return work;
    const longestMs = times * this.longestMs;
    const done = await within(
      longestMs,
      work.then((result) => ({ result })),
    );
    if (done) return done.result;
    throw new TandemError("store_unavailable", {
      message: `the answer took longer than ${longestMs} ms`,
      details: { longestMs },
    });
  }

  private async watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.away = false;
      return result;
    } catch (error) {
      this.away = passes(error);
      throw error;
    }
  }
}

function staleOf({ answers, at }: Known): Stale {
  const since = `stale_since:${formatInstant(at)}`;
  const stale = answers.map((a) => ({ ...a, degraded: [...a.degraded, since].sort() }));
  const [answer] = stale;
  if (!answer) throw new TypeError("a question without an answer");
  return { ok: true, answers: stale, answer, tag: undefined };
}

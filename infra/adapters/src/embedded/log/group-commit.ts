// Group commit of a dataset (DeWitt et al., 1984): while one round is written and synced, what is appended
// gathers for the next, so that a sync is shared by all who wait for one. A round takes in every
// partition at once, and is made durable by one write (round-commit.ts).
import { setImmediate as nextTurn } from "node:timers/promises";
import type { TandemError } from "@tandem/shared-logic";
import { Frames } from "./frames.ts";
import { awaitedCalls, CallPace, callersNow } from "./round-size.ts";

export type Committed =
  | { readonly base: number }
  | { readonly base: undefined; readonly error: TandemError };

/** What a round is handed to. The frames are the caller's again unless kept. */
export interface CommitTarget {
  /** By partition. Never rejects; then `outcomes` has what became of each. */
  commit(
    frames: readonly (Frames | undefined)[],
    outcomes: (Committed | undefined)[],
  ): Promise<void>;
  /** Whether readers hold on to frames of this size once they are committed. */
  keeps(frames: Frames): boolean;
}

/** Records that become durable together. `done` never rejects; then every partition has its outcome. */
export interface Round {
  /** By partition, where something was appended. */
  readonly frames: (Frames | undefined)[];
  readonly outcomes: (Committed | undefined)[];
  readonly done: Promise<void>;
  calls: number;
}

interface Awaited {
  readonly calls: number;
  /** By `performance.now()`; a timer is not as exact. */
  readonly untilMs: number;
  readonly wake: () => void;
}

interface QueuedRound extends Round {
  readonly resolve: () => void;
}

export interface CommitOptions {
  /** A round with this much in a partition takes no further calls. */
  readonly groupBytes: number;
  /**
   * While several callers share a round, the next one waits until enough of those who are known to be there
   * have come (round-size.ts), at most so long after a commit that took `commitMs`: a fast disk would otherwise sync for
   * one caller at a time and the processor do little else. A caller that is alone never waits.
   */
  readonly patienceMs: (commitMs: number) => number;
}

const BUSY_CALLS = 4;
const FRAMES_BYTES = 64 * 1024;
const LONGEST_WAIT_MS = 4;

/** Of what a commit takes, so that the disk has something to do a fifth of the time at least. */
const PATIENCE = 4;

/**
 * Where all callers come sooner, the disk is the slower one and as many as can be share each sync; where they take longer,
 * some of them are worked on beside each sync. With less patience rounds are small, and each costs as much as a large one.
 */
export const usualPatienceMs = (commitMs: number): number =>
  Math.min(PATIENCE * commitMs, LONGEST_WAIT_MS);

export class GroupCommit {
  private readonly target: CommitTarget;
  private readonly options: CommitOptions;
  private readonly queue: QueuedRound[] = [];
  /** Frames that a round is done with, by partition. */
  private readonly spare: (Frames | undefined)[] = [];
  private running: Promise<void> | undefined;
  private awaited: Awaited | undefined;
  private readonly pace = new CallPace();
  /** So many take turns. */
  private callers = 0;
  private readonly awaitedCalls: typeof awaitedCalls;

  constructor(target: CommitTarget, options: CommitOptions, awaited = awaitedCalls) {
    this.awaitedCalls = awaited;
    this.target = target;
    this.options = options;
  }

  /** The round that gathers now: what is added before the caller awaits anything is in it. */
  gather(): Round {
    let round = this.queue.at(-1);
    if (round === undefined || this.isFull(round)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      round = { frames: [], outcomes: [], done: promise, calls: 0, resolve };
      this.queue.push(round);
      this.running ??= this.commitAll();
    }
    round.calls++;
    this.pace.note(performance.now());
    if (this.awaited && this.hasCome(this.awaited, round)) this.awaited.wake();
    return round;
  }

  /** The frames of a partition in a round that `gather` has just given. */
  framesOf(round: Round, partition: number): Frames {
    const known = round.frames[partition];
    if (known !== undefined) return known;
    const frames = this.spare[partition] ?? new Frames(FRAMES_BYTES);
    this.spare[partition] = undefined;
    round.frames[partition] = frames;
    return frames;
  }

  /** Resolves once nothing is gathered. */
  async idle(): Promise<void> {
    await this.running;
  }

  private hasCome({ calls, untilMs }: Awaited, round: Round): boolean {
    // A second round: the first one is full.
    return round.calls >= calls || this.queue.length > 1 || performance.now() >= untilMs;
  }

  private isFull(round: Round): boolean {
    const { groupBytes } = this.options;
    return round.frames.some((frames) => (frames?.sizeBytes ?? 0) >= groupBytes);
  }

  private async commitAll(): Promise<void> {
    // Whoever comes in this turn of the event loop joins.
    await nextTurn();
    for (let round = this.queue.shift(); round !== undefined; round = this.queue.shift()) {
      const began = performance.now();
      await this.commit(round);
      round.resolve();
      if (round.calls < BUSY_CALLS || this.queue.length > 1) continue;
      this.callers = callersNow(this.callers, round.calls + (this.queue[0]?.calls ?? 0));
      const commitMs = performance.now() - began;
      const calls = this.awaitedCalls(this.callers, commitMs, this.pace.callMs);
      await this.waitFor(calls, this.options.patienceMs(commitMs));
    }
    this.running = undefined;
  }

  /**
   * Until the round that gathers has so many calls, at most `patienceMs`. It is not held up for the others that come in this
   * turn: what is done for them then has a sync beside it, and they share the next one.
   */
  private async waitFor(calls: number, patienceMs: number): Promise<void> {
    const [next] = this.queue;
    if (next !== undefined && (next.calls >= calls || this.isFull(next))) return;
    if (patienceMs > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, patienceMs);
      this.awaited = { calls, untilMs: performance.now() + patienceMs, wake: resolve };
      await promise;
      this.awaited = undefined;
      clearTimeout(timer);
      if (this.queue.length > 0) return;
    }
    await nextTurn();
  }

  private async commit({ frames, outcomes }: QueuedRound): Promise<void> {
    await this.target.commit(frames, outcomes);
    for (const [partition, own] of frames.entries()) {
      if (own === undefined || this.target.keeps(own)) continue;
      own.clear();
      this.spare[partition] = own;
    }
  }
}

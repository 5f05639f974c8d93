// One question of one tenant, answered once for all streams that watch it: by the engine, as the query API
// answers it, and only where the answer's tag says that it is another one.
import { TandemError } from "@tandem/shared-logic";
import type { QueryParams, QueryProblem } from "../query/problem.ts";
import type { QueryEngine } from "../query-engine.ts";
import { questionKey } from "../question-key.ts";
import { changeFrame } from "./frames.ts";
import type { LiveLimits } from "./live-limits.ts";
import type { Pace } from "./pace.ts";
import { PointBook, type ResetWhy } from "./point-book.ts";

export interface QuestionParts {
  readonly engine: Pick<QueryEngine, "prepare" | "orStale">;
  readonly limits: LiveLimits;
  readonly pace: Pace;
  readonly nextSeq: () => number;
}

/** Frames that are shared by streams at the same number. */
const FRAMES = 16;

export class LiveQuestion {
  readonly tenant: string;
  /** As it was asked for: NAME or NAME@VERSION. */
  readonly name: string;
  /** Equal ones ask the same. */
  readonly key: string;
  readonly book: PointBook;
  private readonly params: QueryParams;
  private readonly parts: QuestionParts;
  private readonly frames = new Map<string, Buffer>();
  private tag: string | undefined;
  private looking: Promise<QueryProblem | undefined> | undefined;
  private sentFreshMs = Number.NEGATIVE_INFINITY;

  constructor(tenant: string, name: string, params: QueryParams, parts: QuestionParts) {
    this.tenant = tenant;
    this.name = name;
    this.params = params;
    this.key = questionKey(params, name, tenant);
    this.parts = parts;
    this.book = new PointBook(parts.limits.gone);
  }

  get metric(): string {
    return this.name.split("@", 1)[0] ?? "";
  }

  /** Brings the book up to date; one look at a time. Undefined: well. Throws where the store does not answer. */
  look(): Promise<QueryProblem | undefined> {
    this.looking ??= this.lookNow().finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async lookNow(): Promise<QueryProblem | undefined> {
    const { engine, limits, pace, nextSeq } = this.parts;
    const look = async () => {
      const prepared = await engine.prepare(this.params, this.name, this.tenant, false);
      if (!prepared.ok) return prepared;
      return prepared.tag === this.tag ? undefined : prepared.answer();
    };
    const result = await engine.orStale(this.params, [this.name], this.tenant, look, false);
    if (result === undefined) return undefined;
    if (!result.ok) return result.problem;
    const { points } = result.answer;
    if (points.length > limits.points) return tooManyPoints(points.length, limits.points);
    const now = pace.now();
    const freshness = now - this.sentFreshMs >= limits.freshnessMs;
    if (this.book.take(result.answer, nextSeq, freshness)) {
      this.sentFreshMs = now;
      this.frames.clear();
    }
    // Where nobody was told of the new freshness, the next look compares it again.
    this.tag = result.tag;
    return undefined;
  }

  /** For a stream that has everything up to `seq`. */
  frame(ask: string, seq: number | undefined, why: ResetWhy): Buffer {
    const key = `${seq ?? why} ${ask}`;
    const known = this.frames.get(key);
    if (known) return known;
    const made = changeFrame(ask, this.book, seq, why);
    if (this.frames.size < FRAMES) this.frames.set(key, made);
    return made;
  }
}

const tooManyPoints = (got: number, most: number): QueryProblem => ({
  code: "bad_query",
  parameter: "grain",
  expected: `at most ${most} points in a live answer`,
  got: `${got} points`,
  would_work: ["a coarser grain", "a shorter range", "fewer dimensions in by"],
});

export const passes = (error: unknown): boolean => error instanceof TandemError && error.retryable;

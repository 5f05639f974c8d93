// The present answer to one question, with the number at which each of its points last changed: what changed
// since any number can be told, as far back as the book goes. Pure.
import type { Answer, AnswerPoint } from "@tandem/shared-logic";

interface Kept {
  /** JSON of the point; of a point that is gone, of what it was of. */
  readonly text: string;
  readonly seq: number;
}

/** Why a reader gets everything instead of what changed. */
export type ResetWhy = "start" | "unknown_id" | "version";

export interface Since {
  readonly points: readonly string[];
  readonly gone: readonly string[];
  /** Of the groups of each window, where it is another one now. */
  readonly order?: string;
}

const freshLess = ({ freshness: _, ...head }: object & { freshness: unknown }): string =>
  JSON.stringify(head);

export class PointBook {
  /** Of the last change. */
  seq = 0;
  /** JSON of the answer without its points. */
  head = "{}";
  private compared = "";
  private version: number | undefined;
  private points = new Map<string, Kept>();
  private readonly gone = new Map<string, Kept>();
  private order = "[]";
  private orderSeq = 0;
  private readonly maxGone: number;
  /** Changes up to here are not known one by one. */
  private since0 = 0;
  private versionSeq = 0;

  constructor(maxGone: number) {
    this.maxGone = maxGone;
  }

  get size(): number {
    return this.points.size;
  }

  /**
   * Takes the answer of now; `next` gives the number of a change and is asked only where there is one. What
   * differs in nothing but its freshness is a change where `freshness` says so.
   */
  take(answer: Answer, next: () => number, freshness: boolean): boolean {
    const { points, ...head } = answer;
    const text = JSON.stringify(head);
    const compared = freshLess(head);
    const isFirst = this.seq === 0;
    if (this.version !== undefined && this.version !== answer.version) this.restart();
    let seq: number | undefined = isFirst ? next() : undefined;
    const changed = (): number => {
      seq ??= next();
      return seq;
    };
    const now = new Map<string, Kept>();
    for (const point of points) {
      const key = keyOf(point);
      const pointText = JSON.stringify(point);
      const before = this.points.get(key);
      now.set(key, before?.text === pointText ? before : { text: pointText, seq: changed() });
      this.gone.delete(key);
    }
    for (const key of this.points.keys())
      if (!now.has(key)) this.gone.set(key, { text: key, seq: changed() });
    this.points = now;
    const order = orderOf(points);
    if (order !== this.order) this.orderSeq = changed();
    this.order = order;
    if (compared !== this.compared || (freshness && text !== this.head)) changed();
    this.forget();
    if (seq === undefined) return false;
    this.head = text;
    this.compared = compared;
    if (this.version !== answer.version && !isFirst) this.versionSeq = seq;
    this.version = answer.version;
    if (isFirst) this.since0 = seq;
    this.seq = seq;
    return true;
  }

  /** What changed above `seq`; or why everything has to be told. */
  changesSince(seq: number): Since | ResetWhy {
    if (seq < this.versionSeq) return "version";
    if (seq < this.since0) return "unknown_id";
    const above = (kept: Iterable<Kept>): string[] =>
      [...kept].flatMap((k) => (k.seq > seq ? [k.text] : []));
    const [points, gone] = [above(this.points.values()), above(this.gone.values())];
    return { points, gone, ...(this.orderSeq > seq ? { order: this.order } : {}) };
  }

  all(): readonly string[] {
    return Array.from(this.points.values(), (k) => k.text);
  }

  private restart(): void {
    this.points.clear();
    this.gone.clear();
    this.compared = "";
  }

  /** Insertion order is the order of their numbers. */
  private forget(): void {
    for (const [key, { seq }] of this.gone) {
      if (this.gone.size <= this.maxGone) return;
      this.gone.delete(key);
      this.since0 = Math.max(this.since0, seq);
    }
  }
}

/** All windows show the same groups in the same order. */
function orderOf(points: readonly AnswerPoint[]): string {
  const groups = new Set<string>();
  for (const { by } of points) if (by !== undefined) groups.add(JSON.stringify(by));
  return `[${[...groups].join(",")}]`;
}

/** A window that is cut by the range ends elsewhere as the range moves; where it begins names it. */
const keyOf = ({ from, by }: AnswerPoint): string =>
  JSON.stringify(by === undefined ? { from } : { from, by });

// What questions gave when they were asked last, so that asking again costs what has changed since. Bounded: what was
// not asked for the longest time goes first.
import { KeptSpans } from "@tandem/shared-logic";
import { KeptPoints } from "./answer/kept-points.ts";
import type { Part } from "./answer/parts.ts";
import { Lru } from "./lru.ts";
import type { QueryParams } from "./query/problem.ts";
import { questionKey } from "./question-key.ts";

/** Of one reading of a question. */
export interface KeptReading {
  readonly spans: KeptSpans;
  readonly points: KeptPoints;
}

interface Asked {
  readonly params: QueryParams;
  /** The metric's. */
  readonly name: string;
  readonly tenant: string;
}

export type KeptByRole = (role: Part["role"]) => KeptReading;

export class KeptQuestions {
  private readonly readings: Lru<KeptReading>;

  constructor(sizeBytes = 32 << 20) {
    this.readings = new Lru(sizeBytes, ({ spans }) => spans.sizeBytes);
  }

  /** `body` is given what the question's readings gave before, and leaves there what they give now. */
  using<T>({ params, name, tenant }: Asked, body: (kept: KeptByRole) => T): T {
    const question = questionKey(params, name, tenant);
    const used = new Map<string, KeptReading>();
    const result = body((role) => {
      const key = `${role} ${question}`;
      const known = used.get(key) ?? this.readings.get(key);
      const kept = known ?? { spans: new KeptSpans(), points: new KeptPoints() };
      used.set(key, kept);
      return kept;
    });
    for (const [key, kept] of used) {
      if (kept.spans.sizeBytes > 0) this.readings.set(key, kept);
      else this.readings.delete(key);
    }
    return result;
  }
}

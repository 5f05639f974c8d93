// The pages of a breakdown behind one that was read with it: presented numbers alone, no states. All are of one
// reading, and each group is on one of them.
import type { Answer, WindowPoints } from "@tandem/shared-logic";
import { type AnswerFacts, type AnswerMore, buildAnswer } from "../answer/build-answer.ts";
import type { Query } from "../query/query.ts";
import type { Seam } from "../read/seam.ts";

export interface ListingParts {
  readonly query: Query;
  readonly seam: Seam;
  readonly facts: AnswerFacts;
  readonly more: AnswerMore;
  /** Of all groups, in order. */
  readonly names: readonly string[];
  /** Of the groups behind the page that it was read with. */
  readonly windows: readonly WindowPoints[];
  readonly compared: readonly WindowPoints[] | undefined;
}

export class Listing {
  readonly names: readonly string[];
  readonly query: Query;
  readonly points: number;
  private readonly parts: ListingParts;

  constructor(parts: ListingParts) {
    this.parts = parts;
    this.names = parts.names;
    this.query = parts.query;
    const all = [...parts.windows, ...(parts.compared ?? [])];
    this.points = all.reduce((n, w) => n + w.points.length, 0);
  }

  /** The groups behind the first `skip`. */
  page(skip: number): Answer {
    const { query, seam, windows, compared, facts, more, names } = this.parts;
    const own = new Set(names.slice(skip, skip + (query.limit ?? 0)));
    const cut = (all: readonly WindowPoints[]): WindowPoints[] =>
      all.map((w) => ({ ...w, points: w.points.filter((p) => own.has(p.group)) }));
    return buildAnswer(query, seam, [cut(windows)], facts, {
      ...more,
      compared: compared && cut(compared),
    });
  }
}

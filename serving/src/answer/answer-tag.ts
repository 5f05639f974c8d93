// What an answer is a function of, as one short text: equal tags, equal answers (freshness to ten
// seconds). Made from the first phase of a read alone, so that an unchanged answer costs no cells.
import { hash } from "node:crypto";
import { dayOf, type EpochMs } from "@tandem/shared-logic";
import { CURSOR_MS } from "../paging/cursor.ts";
import type { Query } from "../query/query.ts";
import { whereText } from "../query/where.ts";
import type { Seam } from "../read/seam.ts";

const FORMAT = 3;
const FRESHNESS_STEP_MS = 10_000;

export interface TagFacts {
  readonly tenant: string;
  readonly horizon: EpochMs | undefined;
  readonly freshness: EpochMs | undefined;
  readonly now: EpochMs;
}

/** Of several that are given together. */
export const tagOfTags = (tags: readonly string[]): string =>
  tags.length === 1 && tags[0] !== undefined ? tags[0] : hashed(tags);

const hashed = (made: unknown): string =>
  hash("sha256", JSON.stringify(made), "base64url").slice(0, 27);

export function answerTag(query: Query, seam: Seam, facts: TagFacts): string {
  const { metric } = query;
  const made = [
    FORMAT,
    facts.tenant,
    [metric.fingerprint, metric.unit],
    [
      query.from,
      query.until,
      query.grain,
      query.tz,
      query.layer,
      query.by,
      [...query.where],
      query.filter ? whereText(query.filter) : null,
      [query.limit, query.order, query.maxError, query.maxStalenessMs],
      query.compare?.to,
      query.asOf?.text ?? null,
    ],
    seam.positions.map((p) => p?.to ?? null),
    seam.starts.map((s) => s ?? null),
    [...seam.days].map(([day, entry]) => [day, entry?.run, entry?.v, entry?.pinned]),
    seam.spans.map((s) => [s.window.from, s.version]),
    facts.horizon ?? null,
    facts.freshness === undefined
      ? null
      : Math.floor(facts.freshness / (query.maxStalenessMs === undefined ? FRESHNESS_STEP_MS : 1)),
    // Which days are closed.
    dayOf(facts.now),
    // A body bears a cursor, which must not outlive it.
    query.limit === undefined ? null : Math.floor((2 * facts.now) / CURSOR_MS),
  ];
  return hashed(made);
}

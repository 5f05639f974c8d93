// What an answer is a function of, as one short text: equal tags, equal answers (freshness to ten
// seconds). Made from the first phase of a read alone, so that an unchanged answer costs no cells.
import { createHash } from "node:crypto";
import { dayOf, type EpochMs } from "@tandem/shared-logic";
import type { Query } from "../query/query.ts";
import type { Seam } from "../read/seam.ts";

const FORMAT = 1;
const FRESHNESS_STEP_MS = 10_000;

export interface TagFacts {
  readonly tenant: string;
  readonly horizon: EpochMs | undefined;
  readonly freshness: EpochMs | undefined;
  readonly now: EpochMs;
}

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
      query.asOf?.text ?? null,
    ],
    seam.positions.map((p) => p?.to ?? null),
    seam.starts.map((s) => s ?? null),
    [...seam.days].map(([day, entry]) => [day, entry?.run, entry?.v, entry?.pinned]),
    seam.spans.map((s) => [s.window.from, s.version]),
    facts.horizon ?? null,
    facts.freshness === undefined ? null : Math.floor(facts.freshness / FRESHNESS_STEP_MS),
    // Which days are closed.
    dayOf(facts.now),
  ];
  return createHash("sha256").update(JSON.stringify(made)).digest("base64url").slice(0, 27);
}

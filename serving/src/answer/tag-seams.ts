// What is said of an answer before its cells are read: its tag, how fresh it is, and its horizon.
import type { EpochMs, UtcDay } from "@tandem/shared-logic";
import type { PageAsked } from "../paging/pages.ts";
import type { Query } from "../query/query.ts";
import type { LedgerDay } from "../read/day-ledger.ts";
import type { Horizon } from "../read/horizon.ts";
import type { LogEnds } from "../read/log-ends.ts";
import type { Seam } from "../read/seam.ts";
import { answerTag, tagOfTags } from "./answer-tag.ts";
import { freshnessOf } from "./freshness.ts";

export interface TagAbout {
  readonly tenant: string;
  readonly firstDay: UtcDay | undefined;
  /** What the horizon is counted from. */
  readonly days: ReadonlyMap<UtcDay, LedgerDay>;
  readonly ends: LogEnds;
  readonly page: PageAsked | undefined;
}

export interface Tagged {
  readonly tag: string;
  readonly freshness: EpochMs | undefined;
  readonly now: EpochMs;
  readonly horizonOf: (query: Query, seam: Seam) => EpochMs | undefined;
}

/** `seams`: of each query, of one reading. */
export function tagSeams(
  horizon: Horizon,
  now: EpochMs,
  queries: readonly Query[],
  seams: readonly Seam[],
  { tenant, firstDay, days, ends, page }: TagAbout,
): Tagged {
  const freshness = freshnessOf(seams[0]?.positions ?? [], ends);
  const horizonOf = (query: Query, seam: Seam): EpochMs | undefined => {
    const fresh = query.layer === "speed" ? new Map() : seam.days;
    return horizon.of(query.metric.fingerprint, firstDay, days, fresh);
  };
  const tags = queries.map((query, i) => {
    const seam = seams[i] as Seam;
    return answerTag(query, seam, { tenant, horizon: horizonOf(query, seam), freshness, now });
  });
  if (page) tags.push(page.text);
  return { tag: tagOfTags(tags), freshness, now, horizonOf };
}

// Questions that were understood before and say themselves when they end: asked again they are the same query with the
// same windows, object for object, which whoever kept something about them knows again without a look at thousands.
import type { EpochMs, Metric } from "@tandem/shared-logic";
import { Lru } from "../lru.ts";
import { questionKey } from "../question-key.ts";
import { type Parsed, parseQuery } from "./parse-query.ts";
import type { QueryParams } from "./problem.ts";
import type { Query, QueryLimits } from "./query.ts";

/** Of all questions together, roughly. */
const KEPT_BYTES = 8 << 20;
const WINDOW_BYTES = 64;
/** Of a question beside its windows and its text, which the key and the query both hold. */
const QUERY_BYTES = 1000;

interface Known {
  readonly query: Query;
  readonly sizeBytes: number;
}

export class KnownQueries {
  private readonly limits: QueryLimits;
  private readonly queries = new Lru<Known>(KEPT_BYTES, ({ sizeBytes }) => sizeBytes);

  constructor(limits: QueryLimits) {
    this.limits = limits;
  }

  /** As `parseQuery`. */
  parse(params: QueryParams, metric: Metric, now: EpochMs): Parsed {
    // Without an end it ends now, and a moment that has been is one only from then on.
    const moves = params["until"] === undefined || params["asOf"] !== undefined;
    if (moves) return parseQuery(params, metric, now, this.limits);
    const key = questionKey(params, metric.name, "");
    const known = this.queries.get(key)?.query;
    if (known?.metric === metric) return { ok: true, query: known };
    const parsed = parseQuery(params, metric, now, this.limits);
    if (parsed.ok)
      this.queries.set(key, { query: parsed.query, sizeBytes: sizeOf(key, parsed.query) });
    return parsed;
  }
}

const sizeOf = (key: string, { windows, compare }: Query): number =>
  QUERY_BYTES + 4 * key.length + WINDOW_BYTES * (windows.length + (compare?.windows.length ?? 0));

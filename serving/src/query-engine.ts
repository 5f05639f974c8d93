// Answers queries: parse, read once per side, overlay, build. The only effects are reads of the ports.
// Where the store does not answer, the last known good answer of the same question and tenant is given,
// with `stale_since`.
import {
  type Answer,
  type Clock,
  type EventLog,
  groupText,
  groupValues,
  type Metric,
  type ObjectStore,
  OTHER_GROUP,
  overlay,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { answerTag } from "./answer/answer-tag.ts";
import { buildAnswer } from "./answer/build-answer.ts";
import { freshnessOf } from "./answer/freshness.ts";
import type { CatalogueEntry } from "./catalogue-entry.ts";
import { LastKnownGood, type Stale } from "./last-known-good.ts";
import { listMetrics } from "./list-metrics.ts";
import { finerThanKept } from "./query/kept-grain.ts";
import { parseQuery } from "./query/parse-query.ts";
import {
  QUERY_LIMITS,
  type Query,
  type QueryLimits,
  type QueryParams,
  type QueryProblem,
} from "./query/query.ts";
import type { AskedDays } from "./read/asked-days.ts";
import { datasetFacts, type KnownFacts } from "./read/dataset-facts.ts";
import { DayLedger, type LedgerDay } from "./read/day-ledger.ts";
import { ExactMerge } from "./read/exact-merge.ts";
import { Horizon } from "./read/horizon.ts";
import { type LogEnds, logEnds } from "./read/log-ends.ts";
import { MetricVersions } from "./read/metric-versions.ts";
import type { CellQuery } from "./read/read-cells.ts";
import { type ReadPorts, readView } from "./read/read-view.ts";
import { resolveAsOf } from "./read/resolve-as-of.ts";
import { daysOf, readSeam, type Seam } from "./read/seam.ts";

export interface QueryEngineOptions {
  readonly views: ViewStore;
  /** Without it, freshness is what the positions say. */
  readonly log?: Pick<EventLog, "ranges">;
  /** Kept exact states; without it, ranges of many days are merged from sketches. */
  readonly objects?: Pick<ObjectStore, "get" | "list">;
  /** Bytes of them that one answer may read. Default 64 MiB. */
  readonly exactBytes?: number;
  readonly clock: Pick<Clock, "now">;
  readonly metrics: readonly Metric[];
  readonly dataset: string;
  readonly limits?: Partial<QueryLimits>;
  /** Told which days are asked for. */
  readonly asked?: AskedDays;
  /** Answers remembered for when the store does not answer. Default 256. */
  readonly staleAnswers?: number;
  /** Longest that a question may take, in real time; then the answer of before, or `store_unavailable`. */
  readonly longestMs?: number;
}

export type QueryResult =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly problem: QueryProblem };

/** A question whose first phase is read: what it is a function of, and the way to its answer. */
export interface Prepared {
  readonly ok: true;
  readonly tag: string;
  /** The tag is undefined where the answer must not be kept. */
  answer(): Promise<
    | { readonly ok: true; readonly answer: Answer; readonly tag: string | undefined }
    | { readonly ok: false; readonly problem: QueryProblem }
  >;
}

/** What is read once for a question beside its seam. */
interface About {
  readonly tenant: string;
  readonly genesis: readonly number[];
  readonly firstDay: UtcDay | undefined;
  readonly days: ReadonlyMap<UtcDay, LedgerDay>;
  readonly ends: LogEnds;
}

export class QueryEngine {
  readonly metrics: readonly Metric[];
  private readonly versions: MetricVersions;
  private readonly options: QueryEngineOptions;
  private readonly limits: QueryLimits;
  private readonly ports: ReadPorts;
  private readonly facts: KnownFacts;
  private readonly ends: () => Promise<LogEnds>;
  private readonly horizon: Horizon;
  private readonly lastGood: LastKnownGood;

  constructor(options: QueryEngineOptions) {
    const { views, clock, dataset, log, objects } = options;
    this.options = options;
    this.limits = { ...QUERY_LIMITS, ...options.limits };
    this.metrics = options.metrics.filter((m) => m.dataset === dataset);
    this.versions = new MetricVersions(this.metrics, views, dataset);
    const ledger = new DayLedger(views, dataset);
    const exactly =
      objects && new ExactMerge({ objects, dataset, limitBytes: options.exactBytes ?? 64 << 20 });
    this.ports = { views, ledger, dataset, ...(exactly ? { exactly } : {}) };
    this.facts = datasetFacts(views, dataset);
    this.ends = logEnds(log, dataset, clock);
    this.horizon = new Horizon(ledger, clock);
    this.lastGood = new LastKnownGood(options.staleAnswers ?? 256, options.longestMs);
  }

  /** By name, with the versions of each. */
  async catalogue(): Promise<CatalogueEntry[]> {
    return listMetrics(this.versions, await this.horizon.days());
  }

  /** Throws `store_unavailable` where the store does not answer and never did to this question. */
  async query(params: QueryParams, metricName: string, tenant: string): Promise<QueryResult> {
    return this.orStale(params, metricName, tenant, async () => {
      const prepared = await this.prepare(params, metricName, tenant);
      return prepared.ok ? prepared.answer() : prepared;
    });
  }

  /** The first phase alone. Throws `store_unavailable` where the store does not answer. */
  async prepare(
    params: QueryParams,
    metricName: string,
    tenant: string,
  ): Promise<Prepared | { readonly ok: false; readonly problem: QueryProblem }> {
    const chosen = await this.versions.choose(metricName);
    if (!chosen) return { ok: false, problem: this.unknownMetric(metricName) };
    const now = this.options.clock.now();
    const { metric } = chosen;
    let parsed = parseQuery(params, metric, now, this.limits);
    if (!parsed.ok) return parsed;
    const shownAt = parsed.query.asOf?.at;
    const shown = shownAt === undefined ? metric : chosen.at(shownAt);
    if (shown !== metric) parsed = parseQuery(params, shown, now, this.limits);
    if (!parsed.ok) return parsed;
    const resolved = await resolveAsOf(this.ports.ledger, parsed.query);
    if (!resolved.ok) return resolved;
    const { query } = resolved;
    this.options.asked?.note(daysOf(query.from, query.until));
    const genesis = await this.facts.genesis();
    const [seam, ends, sealed] = await Promise.all([
      readSeam(this.ports, query, genesis.length),
      this.ends(),
      this.sealed(),
    ]);
    const coarse = finerThanKept(query, seam.days);
    if (coarse) return { ok: false, problem: coarse };
    const about: About = { tenant, genesis, ends, ...sealed };
    const { tag } = this.tagOf(query, seam, about);
    const question = questionOf(params, metricName, tenant);
    this.lastGood.confirm(question, tag, now);
    return {
      ok: true,
      tag,
      answer: async () => {
        const result = await this.answer(query, seam, about);
        if (result.ok)
          this.lastGood.remember(question, {
            answer: result.answer,
            tag: result.tag ?? "",
            at: now,
          });
        return result;
      },
    };
  }

  /** Runs `work`; where the store does not answer, the last known good answer of the same question. */
  orStale<T>(
    params: QueryParams,
    metricName: string,
    tenant: string,
    work: () => Promise<T>,
  ): Promise<T | Stale> {
    return this.lastGood.orStale(questionOf(params, metricName, tenant), work);
  }

  /** What the horizon is counted from. */
  private async sealed(): Promise<Pick<About, "firstDay" | "days">> {
    const { firstDay } = await this.facts.now();
    return { firstDay, days: firstDay === undefined ? new Map() : await this.horizon.days() };
  }

  private tagOf(query: Query, seam: Seam, { tenant, firstDay, days, ends }: About) {
    const now = this.options.clock.now();
    const fresh = query.layer === "speed" ? new Map() : seam.days;
    const horizon = this.horizon.of(query.metric.fingerprint, firstDay, days, fresh);
    const freshness = freshnessOf(seam.positions, ends);
    const facts = { tenant, horizon, freshness, now };
    return { tag: answerTag(query, seam, facts), facts };
  }

  private async answer(query: Query, first: Seam, about: About): ReturnType<Prepared["answer"]> {
    const shown = shownGroups(query);
    const cells: CellQuery = { ...query, tenant: about.tenant, groups: shown.read };
    const { seam, view, spans } = await readView(this.ports, cells, about.genesis, first);
    // The ledger may have been read once more.
    const coarse = finerThanKept(query, seam.days);
    if (coarse) return { ok: false, problem: coarse };
    const windows = overlay(view, {
      windows: query.windows,
      dims: query.set > 0 && query.metric.reducer.inside ? query.metric.sets[query.set] : undefined,
      spans,
      ...(shown.shown ? { groups: shown.shown } : {}),
      shows: shown.shows,
    });
    const points = windows.reduce((n, w) => n + w.points.length, 0);
    if (points > this.limits.points)
      return { ok: false, problem: this.tooManyPoints(query, points) };
    const { tag, facts } = this.tagOf(query, seam, about);
    const answer = buildAnswer(query, seam, windows, facts);
    const torn = windows.some((w) => w.torn.size > 0);
    return { ok: true, answer, tag: torn ? undefined : tag };
  }

  private unknownMetric(name: string): QueryProblem {
    return {
      code: "unknown_metric",
      parameter: "metric",
      expected: "a metric's name, or NAME@VERSION",
      got: name.slice(0, 100),
      would_work: this.versions.wouldWork(name),
    };
  }

  private tooManyPoints(query: Query, points: number): QueryProblem {
    return {
      code: "bad_query",
      parameter: query.by.length > 0 ? "by" : "grain",
      expected: `at most ${this.limits.points} points`,
      got: `${points} points: ${query.windows.length} windows by ${Math.ceil(points / query.windows.length)} groups`,
      would_work: ["grain=total", "a shorter range"],
    };
  }
}

interface Shown {
  /** Groups to read; undefined: all. */
  readonly read: readonly string[] | undefined;
  /** Groups that have a point, seen or not; undefined: those seen. */
  readonly shown: readonly string[] | undefined;
  readonly shows: (group: string) => boolean;
}

/** Without `by` there is one group; what `where` fixes fully is read alone. */
function shownGroups(query: Query): Shown {
  const dims = query.metric.sets[query.set] ?? [];
  const fixed = dims.every((dim) => query.where.has(dim));
  if (fixed) {
    const group = groupText(dims.map((dim) => query.where.get(dim) ?? null));
    const read = dims.length === 0 ? undefined : [group, OTHER_GROUP];
    return { read, shown: [group], shows: (g) => g === group };
  }
  const wanted = [...query.where].map(([dim, value]) => [dims.indexOf(dim), value] as const);
  if (wanted.length === 0) return { read: undefined, shown: undefined, shows: () => true };
  return {
    read: undefined,
    shown: undefined,
    shows(group) {
      const values = groupValues(group);
      return values !== undefined && wanted.every(([at, value]) => values[at] === value);
    },
  };
}

const questionOf = (params: QueryParams, metric: string, tenant: string): string =>
  JSON.stringify([
    tenant,
    metric,
    Object.keys(params)
      .sort()
      .map((k) => [k, params[k]]),
  ]);

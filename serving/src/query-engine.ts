// Answers queries: parse, read once per side, overlay, build. The only effects are reads of the ports.
// Where the store does not answer, the last known good answer of the same question and tenant is given,
// with `stale_since`.
import type { Answer, Metric } from "@tandem/shared-logic";
import { notYet, tooUncertain } from "./answer/check-demands.ts";
import { compose } from "./answer/compose.ts";
import { heldTogether } from "./answer/hold-together.ts";
import { costOf, type Part, partsOf } from "./answer/parts.ts";
import { type TagAbout, type Tagged, tagSeams } from "./answer/tag-seams.ts";
import type { CatalogueEntry } from "./catalogue-entry.ts";
import { KeptQuestions } from "./kept-questions.ts";
import { LastKnownGood, type Stale } from "./last-known-good.ts";
import { listMetrics } from "./list-metrics.ts";
import { cursorGone, gone, type PageAsked, Pages, type Turning } from "./paging/pages.ts";
import {
  type Prepared,
  type PreparedMany,
  type QueryResult,
  type Refused,
  refused,
} from "./prepared.ts";
import { finerThanKept } from "./query/kept-grain.ts";
import type { QueryParams } from "./query/problem.ts";
import { QUERY_LIMITS, type Query, type QueryLimits } from "./query/query.ts";
import { tooManyPoints, tooMuch } from "./query/too-much.ts";
import type { QueryEngineOptions } from "./query-engine-options.ts";
import { questionsKey } from "./question-key.ts";
import { datasetFacts, type KnownFacts } from "./read/dataset-facts.ts";
import { DayLedger } from "./read/day-ledger.ts";
import { ExactMerge } from "./read/exact-merge.ts";
import { Horizon } from "./read/horizon.ts";
import { type LogEnds, logEnds } from "./read/log-ends.ts";
import { MetricVersions } from "./read/metric-versions.ts";
import { type ReadPorts, type ReadResult, readViews } from "./read/read-view.ts";
import { readingPorts } from "./read/reading-ports.ts";
import { daysOf, readSeams, type Seam } from "./read/seam.ts";
import { understanding } from "./understanding.ts";

/** What is read once for a question beside its seam. */
interface About extends TagAbout {
  readonly genesis: readonly number[];
  /** Of each metric. */
  readonly turning: readonly Turning[];
  /** A breakdown that is cut says how it goes on. */
  readonly pages: boolean;
}

export class QueryEngine {
  readonly metrics: readonly Metric[];
  private readonly versions: MetricVersions;
  private readonly understand: ReturnType<typeof understanding>;
  private readonly options: QueryEngineOptions;
  readonly limits: QueryLimits;
  private readonly ports: ReadPorts;
  private readonly facts: KnownFacts;
  private readonly ends: () => Promise<LogEnds>;
  private readonly horizon: Horizon;
  private readonly lastGood: LastKnownGood;
  private readonly pages: Pages;
  private readonly kept: KeptQuestions;

  constructor(options: QueryEngineOptions) {
    this.options = options;
    const { views, clock, dataset, log, objects } = options;
    this.limits = { ...QUERY_LIMITS, ...options.limits };
    this.metrics = options.metrics.filter((m) => m.dataset === dataset);
    this.versions = new MetricVersions(this.metrics, views, dataset);
    const ledger = new DayLedger(views, dataset);
    const exactly =
      objects && new ExactMerge({ objects, dataset, limitBytes: options.exactBytes ?? 64 << 20 });
    this.ports = readingPorts({ ...options, ledger, ...(exactly ? { exactly } : {}) });
    this.understand = understanding(this.versions, ledger, this.limits);
    this.facts = datasetFacts(views, dataset);
    this.ends = logEnds(log, dataset, clock);
    this.horizon = new Horizon(ledger, clock);
    this.lastGood = new LastKnownGood(options.staleAnswers ?? 256, options.longestMs);
    this.kept = new KeptQuestions(options.keptBytes);
    const { cursorSecret: secret } = options;
    this.pages = new Pages({ views, dataset, ...(secret === undefined ? {} : { secret }) });
  }

  /** By name, with the versions of each. */
  async catalogue(): Promise<CatalogueEntry[]> {
    return listMetrics(this.versions, await this.horizon.days());
  }

  /** Throws `store_unavailable` where the store does not answer and never did to this question. */
  async query(params: QueryParams, metricName: string, tenant: string): Promise<QueryResult> {
    return this.orStale(params, [metricName], tenant, async () => {
      const prepared = await this.prepare(params, metricName, tenant);
      return prepared.ok ? prepared.answer() : prepared;
    });
  }

  /** Several metrics at once, of one reading: no number of one contradicts another's. */
  async queryMany(
    params: QueryParams,
    names: readonly string[],
    tenant: string,
  ): Promise<{ readonly ok: true; readonly answers: readonly Answer[] } | Refused> {
    return this.orStale(params, names, tenant, async () => {
      const prepared = await this.prepareMany(params, names, tenant);
      return prepared.ok ? prepared.answers() : prepared;
    });
  }

  /** The first phase alone, of one metric. */
  async prepare(
    params: QueryParams,
    metricName: string,
    tenant: string,
    pages = true,
  ): Promise<Prepared | Refused> {
    const prepared = await this.prepareMany(params, [metricName], tenant, pages);
    if (!prepared.ok) return prepared;
    return {
      ok: true,
      tag: prepared.tag,
      answer: async () => {
        const result = await prepared.answers();
        if (!result.ok) return result;
        const [answer] = result.answers;
        if (!answer) throw new TypeError("a question without an answer");
        return { ok: true, answer, tag: result.tag };
      },
    };
  }

  /**
   * The first phase alone. Throws `store_unavailable` where the store does not answer. `pages`: a breakdown that is cut
   * says how it goes on.
   */
  async prepareMany(
    params: QueryParams,
    names: readonly string[],
    tenant: string,
    pages = true,
  ): Promise<PreparedMany | Refused> {
    const prepared = await this.firstPhase(params, names, tenant, pages);
    if (!prepared.ok) return prepared;
    const { tag, now } = prepared;
    const question = questionsKey(params, names, tenant, pages);
    this.lastGood.confirm(question, tag, now);
    return {
      ...prepared,
      answers: async () => {
        const result = await prepared.answers();
        if (!result.ok) return result;
        const { answers } = result;
        this.lastGood.remember(question, { answers, tag: result.tag ?? "", at: now });
        return result;
      },
    };
  }

  private async firstPhase(
    params: QueryParams,
    names: readonly string[],
    tenant: string,
    pages: boolean,
  ): Promise<PreparedMany | Refused> {
    const now = this.options.clock.now();
    const opened = await this.pages.asked(params, names, tenant, now);
    if (!opened.ok) return opened;
    const { page } = opened;
    const at = page?.cursor.at ?? now;
    const kept = page && this.pages.keptPage({ tenant, name: names[0] ?? "", params, at }, page);
    if (kept) return kept;
    const queries: Query[] = [];
    for (const name of names) {
      const asked = await this.understand(params, name, at);
      if (!asked.ok) return asked;
      queries.push(asked.query);
    }
    const parts = queries.map((query) => partsOf(query, tenant));
    const cells = parts.flat().map((p) => p.query);
    const cost = costOf(parts.flat(), this.limits.costCells);
    if (cost.cells > cost.limit) return refused(tooMuch(queries[0] as Query, cost));
    this.options.asked?.note(new Set(cells.flatMap((q) => daysOf(q.from, q.until))));
    const genesis = await this.facts.genesis();
    const [seams, ends, sealed] = await Promise.all([
      readSeams(this.ports, cells, genesis.length),
      this.ends(),
      this.sealed(),
    ]);
    for (const [i, seam] of seams.entries()) {
      const coarse = finerThanKept(cells[i] as Query, seam.days);
      if (coarse) return refused(coarse);
    }
    const moved = page && gone(page, queries[0] as Query, seams);
    if (moved) return refused(moved);
    const turning = names.map((name) => ({ tenant, name, params, at }));
    const about: About = { tenant, genesis, ends, ...sealed, page, turning, pages };
    const first = this.tagOf(cells, seams, about);
    for (const query of queries) {
      const late = notYet(query, seams[0]?.positions ?? [], first.freshness, now);
      if (late) return refused(late);
    }
    return {
      ok: true,
      tag: first.tag,
      now,
      answers: () => this.answers(queries, parts, seams, first, about),
    };
  }

  /**
   * Runs `work`; where the store does not answer, the last known good answer of the same question. A question that
   * demands something fresh has none.
   */
  orStale<T>(
    params: QueryParams,
    names: readonly string[],
    tenant: string,
    work: () => Promise<T>,
    pages = true,
  ): Promise<T | Stale> {
    if (params["at_least"] !== undefined || params["max_staleness"] !== undefined) return work();
    return this.lastGood.orStale(questionsKey(params, names, tenant, pages), work);
  }

  /** What the horizon is counted from. */
  private async sealed(): Promise<Pick<About, "firstDay" | "days">> {
    const { firstDay } = await this.facts.now();
    return { firstDay, days: firstDay === undefined ? new Map() : await this.horizon.days() };
  }

  private tagOf(queries: readonly Query[], seams: readonly Seam[], about: About): Tagged {
    return tagSeams(this.horizon, this.options.clock.now(), queries, seams, about);
  }

  private async answers(
    queries: readonly Query[],
    parts: readonly (readonly Part[])[],
    first: readonly Seam[],
    tagged: Tagged,
    about: About,
  ): ReturnType<PreparedMany["answers"]> {
    const cells = parts.flat().map((p) => p.query);
    const results = await readViews(this.ports, cells, about.genesis, first);
    const seams = results.map((r) => r.seam);
    const again = seams.some((seam, i) => seam !== first[i]);
    const { tag, freshness, now, horizonOf } = again ? this.tagOf(cells, seams, about) : tagged;
    const { page, pages } = about;
    const alone: Answer[] = [];
    let torn = false;
    let at = 0;
    for (const [i, query] of queries.entries()) {
      const own = parts[i] as readonly Part[];
      const read = results.slice(at, at + own.length);
      at += own.length;
      for (const [j, { seam }] of read.entries()) {
        // The ledger may have been read once more.
        const coarse = finerThanKept((own[j] as Part).query, seam.days);
        if (coarse) return refused(coarse);
      }
      const facts = { horizon: horizonOf(query, (read[0] as ReadResult).seam), freshness, now };
      const cost = costOf(own, this.limits.costCells);
      const ownSeams = read.map((r) => r.seam);
      const moved = page && gone(page, query, ownSeams);
      if (moved) return refused(moved);
      const paged = { behind: page?.cursor, lists: pages };
      const turning = about.turning[i] as Turning;
      const composed = this.kept.using(turning, (kept) =>
        compose(query, own, read, facts, cost.cells, paged, kept),
      );
      if (!composed) return refused(cursorGone((page as PageAsked).cursor));
      const answer = pages
        ? await this.pages.turned(turning, query, ownSeams, composed)
        : composed.answer;
      const points = answer.points.length + (answer.compare?.points.length ?? 0);
      if (points > this.limits.points)
        return refused(tooManyPoints(query, points, this.limits.points));
      torn ||= composed.torn;
      alone.push(answer);
    }
    const answers = heldTogether(queries, alone);
    for (const [i, query] of queries.entries()) {
      const uncertain = tooUncertain(query, answers[i] as Answer);
      if (uncertain) return refused(uncertain);
    }
    return { ok: true, answers, tag: torn ? undefined : tag };
  }
}

// How the system stands, for whoever reads its numbers: how far the views are behind the log, what is sealed, day by
// day and metric by metric, and what was done to the days last. Names of people and sizes of other tenants are not
// in it; rejected events are the tenant's own.
import {
  type Clock,
  type DayRow,
  type EventLog,
  formatDay,
  formatInstant,
  type HealAutoRow,
  healAutoKey,
  type Metric,
  type UtcDay,
  type ViewStore,
} from "@tandem/shared-logic";
import { datasetFacts } from "./read/dataset-facts.ts";
import { DayLedger, type LedgerDay } from "./read/day-ledger.ts";
import { Horizon } from "./read/horizon.ts";
import { logEnds } from "./read/log-ends.ts";

export interface SystemReportParts {
  readonly views: ViewStore;
  readonly log?: Pick<EventLog, "ranges">;
  readonly clock: Pick<Clock, "now">;
  readonly metrics: readonly Metric[];
  readonly dataset: string;
  /** Absent: rejected events are not reported. */
  readonly deadLetters?: RejectedEvents;
}

/** Where rejected events are kept, as far as the report needs it. Undefined: they are kept elsewhere. */
export interface RejectedEvents {
  list(query: {
    readonly tenant: string;
    readonly limit: number;
  }): Promise<readonly { readonly reason: string }[] | undefined>;
}

export interface SystemReport {
  readonly now: string;
  /** Records accepted and not yet in the views, of the whole installation; null: the log does not answer. */
  readonly lag: { readonly records: number; readonly partitions: readonly number[] } | null;
  readonly freshness: string | null;
  readonly auto_heal: boolean;
  readonly horizons: readonly {
    readonly metric: string;
    readonly version: number;
    readonly horizon: string | null;
  }[];
  /** Newest first. */
  readonly days: readonly {
    readonly day: string;
    readonly sealed: number;
    readonly metrics: number;
    readonly pinned: boolean;
    readonly lost: boolean;
  }[];
  /** Newest first. */
  readonly work: readonly {
    readonly at: string;
    readonly did: string;
    readonly day: string;
    readonly metrics: number;
    readonly by_hand: boolean;
  }[];
  readonly dead_letters: {
    readonly count: number;
    /** There are more. */
    readonly capped: boolean;
    readonly reasons: Readonly<Record<string, number>>;
  } | null;
}

const DAYS = 62;
const WORK = 30;
const LETTERS = 1000;

export function systemReport(parts: SystemReportParts): (tenant: string) => Promise<SystemReport> {
  const { views, clock, dataset, metrics } = parts;
  const ledger = new DayLedger(views, dataset);
  const facts = datasetFacts(views, dataset);
  const horizon = new Horizon(ledger, clock);
  const ends = logEnds(parts.log, dataset, clock);

  /** Positions count only beside ends that were read before them. */
  async function behind(genesis: readonly number[]) {
    const log = await ends();
    const positions = await views.positions(dataset, genesis.length);
    const partitions = genesis.map((first, p) =>
      Math.max(0, (log.ends[p] ?? first) - (positions[p]?.to ?? first)),
    );
    const asOf = partitions.map((lag, p) =>
      lag === 0 && log.ends[p] !== undefined ? log.at : positions[p]?.asOf,
    );
    const known = asOf.filter((at) => at !== undefined);
    return {
      lag:
        log.ends.length === 0
          ? null
          : { records: partitions.reduce((a, b) => a + b, 0), partitions },
      freshness:
        known.length < genesis.length || known.length === 0
          ? null
          : formatInstant(known.reduce((a, b) => (a < b ? a : b))),
    };
  }

  return async (tenant) => {
    const { genesis, firstDay } = await facts.now();
    const [state, days, auto, deadLetters] = await Promise.all([
      behind(genesis),
      horizon.days(),
      views.ledger(healAutoKey(dataset)),
      rejected(parts.deadLetters, tenant),
    ]);
    const newest = [...days].sort(([a], [b]) => b - a);
    return {
      now: formatInstant(clock.now()),
      ...state,
      auto_heal: auto === undefined || (JSON.parse(auto.value) as HealAutoRow).on,
      horizons: metrics.map((m) => {
        const end = horizon.of(m.fingerprint, firstDay, days, new Map());
        const shown = end === undefined ? null : formatInstant(end);
        return { metric: m.name, version: m.version, horizon: shown };
      }),
      days: newest.slice(0, DAYS).map(([day, { row }]) => dayState(day, row, metrics)),
      work: workOf(newest),
      dead_letters: deadLetters,
    };
  };
}

function dayState(day: UtcDay, row: DayRow | undefined, metrics: readonly Metric[]) {
  const entries = metrics.map((m) => row?.entries[m.fingerprint]).filter((e) => e !== undefined);
  return {
    day: formatDay(day),
    sealed: entries.length,
    metrics: metrics.length,
    pinned: entries.some((e) => e.pinned === true),
    lost: entries.some((e) => (e.lost ?? []).length > 0),
  };
}

function workOf(days: readonly (readonly [UtcDay, LedgerDay])[]): SystemReport["work"] {
  return days
    .slice(0, 4 * DAYS)
    .flatMap(([day, { row }]) => (row?.flips ?? []).map((flip) => ({ day, flip })))
    .sort((a, b) => b.flip.at - a.flip.at)
    .slice(0, WORK)
    .map(({ day, flip }) => ({
      at: formatInstant(flip.at),
      did: flip.did,
      day: formatDay(day),
      metrics: Object.keys(flip.runs).length,
      by_hand: flip.by !== "batch",
    }));
}

async function rejected(
  letters: RejectedEvents | undefined,
  tenant: string,
): Promise<SystemReport["dead_letters"]> {
  if (letters === undefined) return null;
  const found = await letters.list({ tenant, limit: LETTERS });
  if (found === undefined) return null;
  const reasons: Record<string, number> = {};
  for (const { reason } of found) reasons[reason] = (reasons[reason] ?? 0) + 1;
  return { count: found.length, capped: found.length === LETTERS, reasons };
}

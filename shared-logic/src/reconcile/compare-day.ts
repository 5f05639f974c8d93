// Speed against batch for one metric, tenant and day, below the offsets of the day's run. Pure. What the sketch,
// the filters and doubt explain is taken off; what is left is named. Without a fault, `dropped`, `duplicated` and
// `states` never are, but for the filters' tail (once in 10^4), and `value` once in 10^4 comparisons.
import { type Decimal, formatDecimal } from "../algebra/decimal.ts";
import { type Estimate, Z_CONFIDENCE } from "../algebra/estimate.ts";
import type { ManifestEntry } from "../events/manifest.ts";
import { TOTAL_GROUP } from "../metrics/group.ts";
import type { Metric } from "../metrics/metric.ts";
import { overlay } from "../overlay/points.ts";
import type { ReadView, RunRows } from "../overlay/view.ts";
import type { DayEntry } from "../ports/ledger-rows.ts";
import type { StoredSpeedRow } from "../ports/view-store.ts";
import { dayStart, type EpochMs, type UtcDay } from "../time/epoch-ms.ts";
import { type ComparedCells, compareCells } from "./compare-cells.ts";
import type { Cause, Comparison, CountRange } from "./comparison.ts";

export interface DayInput {
  readonly metric: Metric;
  readonly day: UtcDay;
  readonly entry: DayEntry;
  readonly genesis: readonly number[];
  /** Of the grouping set without dimensions: the day and its reach, and the day's stored value. */
  readonly run: RunRows;
  /** Of the same set, in any segment. */
  readonly speed: readonly StoredSpeedRow[];
  /** By partition. */
  readonly manifest: readonly (readonly ManifestEntry[])[];
  /** V of the run before this one; genesis where there was none. */
  readonly before: readonly number[] | undefined;
  /** Events that the run before this one counted. */
  readonly eventsBefore: number | undefined;
}

export interface Bounds {
  /** Differences beyond so many standard deviations are unexplained. */
  readonly z: number;
}

/** Two-sided, once in 10,000. */
export const RECONCILE_BOUNDS: Bounds = { z: 3.8906 };
/** Most of the filters' lookups that take a new event for a duplicate. */
const FALSE_POSITIVES = 0.001;
/** Values from which a sketch's error is normal. */
const DENSE_VALUES = 1000;

export function compareDay(input: DayInput, bounds: Bounds = RECONCILE_BOUNDS): Comparison {
  const { metric, entry, day } = input;
  const window = { from: dayStart(day), until: dayStart((day + 1) as UtcDay) };
  const below = input.speed.filter((row) => row.segment < (entry.v[row.partition] ?? 0));
  const cells = compareCells(
    metric.reducer,
    window,
    (input.run.finest ?? []).filter((r) => r.group === TOTAL_GROUP),
    below.filter((r) => r.group === TOTAL_GROUP),
  );
  const { batch, sure, suspected, unchecked } = cells;
  const expected = FALSE_POSITIVES * (sure + suspected + unchecked);
  const most = Math.min(suspected, Math.ceil(expected + 4 * Math.sqrt(expected) + 1));
  const hidden = hiddenAtMost(cells);
  const dropped: CountRange = {
    low: Math.max(cells.lackingAtLeast, batch - sure - unchecked - most, 0),
    high: Math.min(batch, cells.lackingAtMost + hidden),
  };
  const duplicated: CountRange = {
    low: cells.surplusAtLeast,
    high: Math.min(sure + suspected + unchecked, cells.surplusAtMost + hidden),
  };
  const exact = estimateOf(input, [], "batch");
  const approx = estimateOf(input, below, "speed");
  const judged = judgeValue(metric, exact, approx, batch);
  const explained = dropped.low === 0 && duplicated.low === 0;
  const unexplained: Cause[] = [];
  if (dropped.low > 0) unexplained.push("dropped");
  if (duplicated.low > 0) unexplained.push("duplicated");
  if (cells.differ > 0) unexplained.push("states");
  // Doubt and other events move values too: those are named already.
  const sketchAlone = explained && suspected + unchecked === 0;
  const far = judged.z !== null && Math.abs(judged.z) > bounds.z;
  const other = judged.z === null && judged.difference !== 0 && judged.difference !== null;
  if (sketchAlone && (far || other)) unexplained.push("value");
  const text = (d: Decimal | null | undefined): string | null => (d ? formatDecimal(d) : null);
  return {
    metric: metric.name,
    version: metric.version,
    fingerprint: metric.fingerprint,
    run: entry.run,
    events: { batch, sure, suspected, unchecked },
    value: {
      batch: text(exact?.value),
      speed: text(approx?.value),
      low: text(approx?.low),
      high: text(approx?.high),
    },
    ...judged,
    bloom: { expected, most },
    ...lateOf(input, batch),
    dropped,
    duplicated,
    states: { cells: cells.comparable, differ: cells.differ },
    unexplained,
  };
}

/**
 * Most pairs of a dropped and a duplicated event that one cell holds and that its count does not show, for faults that
 * hit events independently: λμ bounds the mean of the lesser of two Poisson counts, and the pairs are part of both
 * rates. Infinite where cells are too few to tell. 0 where no cell shows one of the two.
 */
function hiddenAtMost({ lackingAtLeast, surplusAtLeast, together }: ComparedCells): number {
  if (lackingAtLeast === 0 || surplusAtLeast === 0) return 0;
  const [lacking, surplus] = [lackingAtLeast, surplusAtLeast].map((n) => n + 4 * Math.sqrt(n)) as [
    number,
    number,
  ];
  // h = together (lacking + h) (surplus + h): the smaller root.
  const b = together * (lacking + surplus) - 1;
  const under = b ** 2 - 4 * together ** 2 * lacking * surplus;
  if (b >= 0 || under < 0) return Number.POSITIVE_INFINITY;
  const pairs = (2 * together * lacking * surplus) / (-b + Math.sqrt(under));
  return Math.ceil(pairs + 4 * Math.sqrt(pairs) + 1);
}

/** What one layer alone shows of the day: batch its run, speed what it has below V. */
function estimateOf(
  { metric, day, entry, genesis, run }: DayInput,
  speed: readonly StoredSpeedRow[],
  only: "batch" | "speed",
): Estimate | undefined {
  const window = { from: dayStart(day), until: dayStart((day + 1) as UtcDay) };
  const view: ReadView = {
    metric,
    set: 0,
    only,
    genesis,
    positions: entry.v.map((to) => ({ to, asOf: 0 as EpochMs })),
    starts: genesis,
    days: new Map([[day, only === "batch" ? entry : undefined]]),
    speed,
    runs: only === "batch" ? new Map([[entry.run, run]]) : new Map(),
    dropped: new Map(),
  };
  const query = { windows: [window], dims: undefined, spans: new Map(), groups: [TOTAL_GROUP] };
  return overlay(view, query)[0]?.points[0]?.estimate;
}

const numberOf = ({ units, scale }: Decimal): number => Number(units) / 10 ** scale;

/** The difference, in units of what the reducer predicts, or else of what its interval claims. */
function judgeValue(
  { reducer }: Metric,
  exact: Estimate | undefined,
  approx: Estimate | undefined,
  events: number,
): Pick<Comparison, "difference" | "sigma" | "z" | "dense"> {
  if (!exact?.value || !approx?.value || !approx.low || !approx.high)
    return { difference: null, sigma: null, z: null, dense: false };
  const [truth, value] = [numberOf(exact.value), numberOf(approx.value)];
  const difference = Number((value - truth).toPrecision(12));
  if (reducer.additive) return { difference, sigma: null, z: null, dense: false };
  const width = numberOf(approx.high) - numberOf(approx.low);
  const sigma = reducer.deviation?.(truth) ?? width / (2 * Z_CONFIDENCE);
  const z = scoreOf(truth, value, sigma);
  // An estimate never exceeds its events: where they are few, that bounds the error.
  const free = !reducer.atMostEvents || events > truth + 4 * sigma;
  const dense = reducer.deviation !== undefined && truth >= DENSE_VALUES && sigma > 1 && free;
  return { difference, sigma, z, dense };
}

/**
 * Standard deviations between an estimate and the truth. Estimates are skewed where a sketch is small; what is
 * near normal is √(truth / estimate), and 2 (1 − √(truth / estimate)) is the relative error for all that are large.
 */
function scoreOf(truth: number, value: number, sigma: number): number | null {
  if (!(sigma > 0)) return null;
  if (sigma < 1 || !(truth > 0) || !(value > 0)) return (value - truth) / sigma;
  return (2 * (1 - Math.sqrt(truth / value)) * truth) / sigma;
}

/** Records by the manifest: duplicates are among them. */
function lateOf(
  { day, entry, manifest, before, eventsBefore }: DayInput,
  events: number,
): Pick<Comparison, "late" | "latePending" | "deadLettered"> {
  let [late, latePending, deadLettered] = [0, 0, 0];
  for (const [p, entries] of manifest.entries()) {
    for (const e of entries) {
      const records = e.days[day] ?? 0;
      if (records === 0) continue;
      if (e.to > (entry.v[p] ?? 0)) {
        latePending += records;
        continue;
      }
      deadLettered += e.dead;
      if (before && e.to > (before[p] ?? 0)) late += records;
    }
  }
  const more = eventsBefore === undefined ? 0 : Math.max(0, events - eventsBefore);
  return { late: { low: Math.min(more, late), high: late }, latePending, deadLettered };
}

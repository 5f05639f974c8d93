// Audits of a run that nobody sees yet: uniques at most events, nothing negative that counts things, change
// against the last run within a bound, and what the metric's author expects. Pure.
import {
  compareDecimal,
  type Decimal,
  formatInstant,
  type Metric,
  parseDecimal,
} from "@tandem/shared-logic";
import type { Cell, CellMap } from "./cells.ts";

export interface AuditBounds {
  /** Most that a day's total may change, as a share of the last run's. */
  readonly maxChange: number;
  /** Days with fewer events of the metric in the last run may change by any amount. */
  readonly minEvents: number;
}

export const AUDIT_BOUNDS: AuditBounds = { maxChange: 0.5, minEvents: 1000 };

export type AuditName = "uniques" | "negative" | "change" | "expectation";

export interface Audit {
  readonly audit: AuditName;
  readonly metric: string;
  readonly ok: boolean;
  /** What was found, of the worst cell; empty where all is well. */
  readonly found: string;
}

export interface AuditedRun {
  readonly metric: Metric;
  readonly cells: readonly Cell[];
  readonly totals: CellMap;
  /** Whole days of the last run; undefined where there is none that can be compared. */
  readonly before: CellMap | undefined;
}

export function auditRun(run: AuditedRun, bounds: AuditBounds = AUDIT_BOUNDS): Audit[] {
  const { metric } = run;
  const made = (audit: AuditName, found: string | undefined): Audit => ({
    audit,
    metric: metric.name,
    ok: found === undefined,
    found: found ?? "",
  });
  return [
    made("uniques", metric.reducer.atMostEvents ? aboveEvents(run) : undefined),
    made("negative", negative(run)),
    made("change", changedTooMuch(run, bounds)),
    ...(metric.expect ? [made("expectation", unexpected(run))] : []),
  ];
}

const decimal = (text: string): Decimal => parseDecimal(text) ?? { units: 0n, scale: 0 };
const zero: Decimal = { units: 0n, scale: 0 };

const placeOf = (c: Cell): string =>
  `${c.tenant} ${c.group} ${c.grain} from ${formatInstant(c.window.from)}`;

function aboveEvents({ metric, cells, totals }: AuditedRun): string | undefined {
  // Values of groups inside a state have no events of their own: the whole day's total has.
  const inside = metric.reducer.inside !== undefined;
  const checked = inside ? [...totals.values()].filter((c) => c.dims.length === 0) : cells;
  for (const c of checked) {
    if (c.value === null) continue;
    if (Number.isSafeInteger(Number(c.value)) && Number(c.value) <= c.events) continue;
    if (compareDecimal(decimal(c.value), { units: BigInt(c.events), scale: 0 }) > 0)
      return `${placeOf(c)}: ${c.value} of ${c.events} events`;
  }
  return undefined;
}

function negative({ metric, cells }: AuditedRun): string | undefined {
  for (const c of cells) {
    if (c.events < 0 || c.skipped < 0) return `${placeOf(c)}: ${c.events} events`;
    if (!metric.reducer.atMostEvents || c.value === null) continue;
    if (c.value.startsWith("-") && compareDecimal(decimal(c.value), zero) < 0)
      return `${placeOf(c)}: ${c.value}`;
  }
  return undefined;
}

function changedTooMuch(run: AuditedRun, bounds: AuditBounds): string | undefined {
  if (!run.before) return undefined;
  const declared = run.metric.expect?.maxChange;
  const most = declared ?? bounds.maxChange;
  for (const [key, was] of run.before) {
    if (was.dims.length > 0 || was.value === null) continue;
    if (declared === undefined && was.events < bounds.minEvents) continue;
    const change = changeShare(was.value, run.totals.get(key)?.value ?? null);
    if (change > most)
      return `${placeOf(was)}: ${was.value} becomes ${run.totals.get(key)?.value ?? "nothing"}, more than ${most} of it`;
  }
  return undefined;
}

/** By how much of itself a value changes; infinite where there was nothing. */
export function changeShare(before: string, after: string | null): number {
  const [a, b] = [Number(before), Number(after ?? 0)];
  return a === b ? 0 : Math.abs(b - a) / Math.abs(a);
}

function unexpected({ metric, cells, totals }: AuditedRun): string | undefined {
  const { min, max, minEvents } = metric.expect ?? {};
  for (const c of cells) {
    if (c.value === null) continue;
    const value = decimal(c.value);
    if (min !== undefined && compareDecimal(value, decimal(min)) < 0)
      return `${placeOf(c)}: ${c.value} is below ${min}`;
    if (max !== undefined && compareDecimal(value, decimal(max)) > 0)
      return `${placeOf(c)}: ${c.value} is above ${max}`;
  }
  const events = [...totals.values()].reduce((n, c) => n + (c.dims.length === 0 ? c.events : 0), 0);
  if (minEvents !== undefined && events < minEvents)
    return `${events} events, fewer than ${minEvents}`;
  return undefined;
}

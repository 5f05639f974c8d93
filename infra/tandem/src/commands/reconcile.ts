// `tandem reconcile`: compares the days that are due, then shows what the ledger has of a tenant's days.
import {
  type Comparison,
  type ComparisonRow,
  comparisonDayJson,
  formatDay,
  NOTHING_SHED,
  readComparisons,
  readShed,
  type ShedCounts,
  UNKNOWN_TENANT,
  type UtcDay,
} from "@tandem/shared-logic";
import type { Tandem } from "../tandem.ts";
import type { Io } from "./io.ts";

export const RECONCILE_EXIT = { explained: 0, unexplained: 4 } as const;

export interface ReconcileOptions {
  readonly tenant: string;
  readonly format: "table" | "json";
  readonly from?: UtcDay;
  readonly until?: UtcDay;
  readonly metric?: string;
  readonly unexplained?: boolean;
}

export async function reconcileCommand(
  tandem: Tandem,
  o: ReconcileOptions,
  io: Io,
): Promise<number> {
  const done = await tandem.reconciler.reconcile();
  if (done.length > 0) io.err(`compared ${done.length} days\n`);
  const { views } = tandem.ports;
  const { dataset } = tandem.dataset;
  const rows = await readComparisons(views, dataset, o.tenant, o);
  const shed = await readShed(views, dataset, o.tenant, o);
  const shown = rows
    .map((row) => ({
      ...row,
      metrics: row.metrics.filter((c) => o.metric === undefined || c.metric === o.metric),
    }))
    .filter((row) => row.metrics.length > 0);
  if (o.format === "json") {
    const days = shown.flatMap((row) => comparisonDayJson(row, o, shed.get(row.day)) ?? []);
    io.out(`${JSON.stringify({ days })}\n`);
  } else {
    io.out(reconcileTable(shown, o.unexplained ?? false, shed));
    io.out(unknownShed(await readShed(views, dataset, UNKNOWN_TENANT, o)));
  }
  const off = shown.some((row) => row.metrics.some((c) => c.unexplained.length > 0));
  return off ? RECONCILE_EXIT.unexplained : RECONCILE_EXIT.explained;
}

const HEAD = [
  "day",
  "metric",
  "batch",
  "speed",
  "difference",
  "z",
  "late",
  "pending",
  "doubt",
  "shed",
  "unexplained",
];

type ShedDays = ReadonlyMap<UtcDay, ShedCounts>;

export function reconcileTable(
  rows: readonly ComparisonRow[],
  unexplained: boolean,
  shed: ShedDays = new Map(),
): string {
  const lines = rows.flatMap(({ day, metrics }) =>
    metrics
      .filter((c) => !unexplained || c.unexplained.length > 0)
      .map((c) => [formatDay(day), ...cellsOf(c, shedText(shed.get(day)))]),
  );
  if (lines.length === 0)
    return unexplained ? "everything is explained\n" : "no day was compared yet\n";
  const widths = HEAD.map((h, i) => Math.max(h.length, ...lines.map((l) => l[i]?.length ?? 0)));
  const text = (line: readonly string[]): string =>
    `${line
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd()}\n`;
  return [HEAD, ...lines].map(text).join("");
}

const shedText = ({ events, requests }: ShedCounts = NOTHING_SHED): string =>
  requests === 0 ? `${events}` : `${events} and ${requests} requests`;

/** Refused before it was known whose they are. */
function unknownShed(days: ShedDays): string {
  return [...days]
    .map(
      ([day, { requests }]) =>
        `${formatDay(day)}: ${requests} requests of unknown tenants were shed\n`,
    )
    .join("");
}

function cellsOf(c: Comparison, shed: string): string[] {
  const { low, high } = c.late;
  const range = (r: { readonly low: number; readonly high: number }): string =>
    r.low === r.high ? `${r.low}` : `${r.low}..${r.high}`;
  const why = c.unexplained.map((cause) => {
    if (cause === "states") return `states of ${c.states.differ} of ${c.states.cells} cells`;
    return cause === "value" ? "value" : `${cause} ${range(c[cause])}`;
  });
  return [
    c.metric,
    c.value.batch ?? "-",
    c.value.speed ?? "-",
    c.difference === null ? "-" : `${c.difference}`,
    c.z === null ? "-" : c.z.toFixed(2),
    range({ low, high }),
    `${c.latePending}`,
    `${c.events.suspected + c.events.unchecked}`,
    shed,
    why.join(", ") || "-",
  ];
}

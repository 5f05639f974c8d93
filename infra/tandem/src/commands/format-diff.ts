// What `tandem diff` found, as text and as JSON.
import type { CellChange, ComparedDay, DifferingEvents } from "@tandem/batch-layer";
import { formatDay, formatInstant, groupValues, type Metric } from "@tandem/shared-logic";

export interface DiffReport {
  readonly metrics: readonly [Metric, Metric];
  readonly days: readonly ComparedDay[];
  /** The first day that differs. */
  readonly first: ComparedDay | undefined;
  /** On that day, both have read the same records. */
  readonly sameEvents: boolean;
  readonly search: DifferingEvents | undefined;
  readonly unshared: {
    readonly a: readonly (readonly string[])[];
    readonly b: readonly (readonly string[])[];
  };
}

const SHOWN_CELLS = 20;

const nameOf = (m: Metric): string => `${m.name}@${m.version}`;
const daysText = (n: number): string => `${n} ${n === 1 ? "day" : "days"}`;

function parted(days: readonly ComparedDay[]) {
  const differing = days.filter((d) => (d.differing?.length ?? 0) > 0);
  return {
    identical: days.filter((d) => d.differing?.length === 0),
    differing,
    notCompared: days.filter((d) => d.differing === undefined),
  };
}

const byOf = ({ dims, group }: CellChange): Record<string, string | null> => {
  const values = groupValues(group);
  return Object.fromEntries(dims.map((d, i) => [d, values ? (values[i] ?? null) : group]));
};

const cellJson = (c: CellChange): object => ({
  from: formatInstant(c.window.from),
  until: formatInstant(c.window.until),
  grain: c.grain,
  by: byOf(c),
  a: c.before ?? null,
  b: c.after ?? null,
});

export function diffJson({
  metrics,
  days,
  first,
  sameEvents,
  search,
  unshared,
}: DiffReport): object {
  const { identical, differing, notCompared } = parted(days);
  const [a, b] = metrics;
  return {
    a: nameOf(a),
    b: nameOf(b),
    identical: differing.length === 0 && identical.length > 0,
    days_identical: identical.length,
    days_differing: differing.map((d) => formatDay(d.day)),
    days_not_compared: notCompared.map((d) => ({
      day: formatDay(d.day),
      no_run_of: metrics.filter((_, i) => d.runs[i] === undefined).map(nameOf),
    })),
    sets_not_compared: unshared,
    first: first && {
      day: formatDay(first.day),
      runs: first.runs,
      same_events: sameEvents,
      cells_differing: first.differing?.length ?? 0,
      cells: (first.differing ?? []).slice(0, SHOWN_CELLS).map(cellJson),
    },
    events: search && {
      found: search.found,
      minimal: search.minimal,
      of: search.of,
      tests: search.tests,
      // As text: digits that a number cannot hold stay.
      events: search.events,
      cells: search.values.slice(0, SHOWN_CELLS).map(cellJson),
    },
  };
}

const cellLine = (c: CellChange): string => {
  const by = Object.entries(byOf(c)).map(([dim, value]) => `${dim}=${value ?? "(none)"}`);
  const where = by.length > 0 ? by.join(" ") : "total";
  return `  ${formatInstant(c.window.from)}  ${c.grain}  ${where}: ${c.before ?? "-"} | ${c.after ?? "-"}\n`;
};

function cellLines(cells: readonly CellChange[]): string {
  const more = cells.length - SHOWN_CELLS;
  const lines = cells.slice(0, SHOWN_CELLS).map(cellLine);
  return `${lines.join("")}${more > 0 ? `  and ${more} more\n` : ""}`;
}

export function diffTable({
  metrics,
  days,
  first,
  sameEvents,
  search,
  unshared,
}: DiffReport): string {
  const [a, b] = metrics.map(nameOf);
  const { identical, differing, notCompared } = parted(days);
  const lines: string[] = [];
  if (differing.length === 0)
    lines.push(
      identical.length > 0
        ? `${a} and ${b}: identical on ${daysText(identical.length)}\n`
        : `${a} and ${b}: no day has a run of both\n`,
    );
  else
    lines.push(
      `${a} and ${b}: differ on ${daysText(differing.length)}, identical on ${identical.length}\n`,
    );
  if (notCompared.length > 0) {
    const list = notCompared.slice(0, 5).map((d) => formatDay(d.day));
    const more = notCompared.length > 5 ? ", …" : "";
    lines.push(
      `${daysText(notCompared.length)} not compared, one has no run: ${list.join(", ")}${more}\n`,
    );
  }
  for (const [name, sets] of [
    [a, unshared.a],
    [b, unshared.b],
  ] as const)
    for (const set of sets) lines.push(`by ${set.join("+")} is kept by ${name} alone\n`);
  if (!first) return lines.join("");
  const cells = first.differing ?? [];
  const n = cells.length === 1 ? "1 cell differs" : `${cells.length} cells differ`;
  lines.push(`${formatDay(first.day)}: ${n} (${a} | ${b})\n`, cellLines(cells));
  if (!sameEvents)
    lines.push(
      `  one run has read late events of the day that the other has not; tandem heal plan ${formatDay(first.day)} brings it up\n`,
    );
  if (search) lines.push(searchText(search));
  return lines.join("");
}

function searchText(s: DifferingEvents): string {
  if (!s.found)
    return `on the day's ${s.of} archived events the two do not differ: what differs is what the runs have read\n`;
  const one = s.events.length === 1;
  const few = `${s.events.length} of ${s.of} events ${one ? "is" : "are"} enough`;
  const rest = s.minimal
    ? one
      ? ""
      : ", none of them can be left out"
    : " (the search was cut short: fewer may do; --seconds)";
  return `${few}${rest}:\n${s.events.map((e) => `${e}\n`).join("")}where there ${one ? "is this one" : "are these"} alone:\n${cellLines(s.values)}`;
}

// What a replay has rebuilt, how it compares and what was promoted, in words and as JSON objects, one a day.
import type {
  ComparedMetric,
  Promoted,
  ReplayedDay,
  ReplayHead,
  SideRun,
  SideRuns,
} from "@tandem/batch-layer";
import {
  type Fingerprint,
  fingerprintName,
  formatDay,
  formatInstant,
  type LostRange,
  type UtcDay,
} from "@tandem/shared-logic";
import { changeJson, tableOf } from "./format-heal.ts";

export function headJson({ name, request, by, at }: ReplayHead): object {
  const { source, from, until, metrics } = request;
  return {
    name,
    source,
    from: from === undefined ? null : formatDay(from),
    until: until === undefined ? null : formatDay(until),
    metrics: metrics.map(metricOf),
    by,
    at: formatInstant(at),
  };
}

const metricOf = (fp: Fingerprint): string => {
  const { name, version } = fingerprintName(fp);
  return `${name}@${version}`;
};

const runsOf = (runs: SideRuns): [Fingerprint, SideRun][] =>
  Object.entries(runs) as [Fingerprint, SideRun][];

export const sideDayJson = (day: UtcDay, runs: SideRuns): object => ({
  day: formatDay(day),
  runs: runsOf(runs).map(([fp, { run, v, sum, lost }]) => ({
    metric: metricOf(fp),
    run,
    offsets: v,
    rows: sum.count,
    lost: lost ?? [],
  })),
});

export function sideDayLine(day: UtcDay, runs: SideRuns): string {
  const all = runsOf(runs);
  const rows = all.reduce((n, [, r]) => n + r.sum.count, 0);
  const lost = all.some(([, r]) => r.lost);
  return `${formatDay(day)}  ${all.length} metrics, ${rows} rows${lost ? ", INCOMPLETE: the source lacks offsets" : ""}\n`;
}

const differing = (day: ReplayedDay): ComparedMetric[] => day.metrics.filter((m) => m.rows > 0);

export function comparedJson(name: string, day: ReplayedDay): object {
  return {
    replay: name,
    day: formatDay(day.day),
    identical: differing(day).length === 0 && day.moved.length === 0,
    metrics: day.metrics.map((m) => ({
      metric: `${m.metric.name}@${m.metric.version}`,
      published: m.published.run,
      rebuilt: m.side.run,
      offsets: m.side.v,
      rows_differing: m.rows,
      unreadable: m.unreadable,
      lost: m.side.lost ?? [],
      audits_failed: m.failed,
    })),
    cells_changed: day.metrics.reduce((n, m) => n + m.changes.length, 0),
    changes: day.metrics.flatMap(({ metric: { name: metric }, changes }) =>
      changes.map((c) => changeJson({ metric }, c)),
    ),
    totals: day.metrics.flatMap(({ metric: { name: metric }, totals }) =>
      totals.map((c) => changeJson({ metric }, c)),
    ),
    moved: day.moved.map(metricOf),
  };
}

/** Nothing of a day that is identical. */
export function comparedLines(day: ReplayedDay): string {
  const lines: string[] = [];
  const named = formatDay(day.day);
  for (const m of differing(day)) {
    const what = m.unreadable
      ? "some of those published cannot be read"
      : `${m.changes.length} cells change`;
    lines.push(`${named}  ${m.metric.name}: ${m.rows} rows differ, ${what}`);
    if (m.side.lost) lines.push(`  INCOMPLETE: ${rangesOf(m.side.lost)} are not in it`);
    for (const a of m.failed) lines.push(`  audit ${a.audit} FAILED: ${a.found}`);
  }
  const told = differing(day).map((m) => ({ ...m, metric: m.metric.name }));
  lines.push(...tableOf(told));
  for (const fp of day.moved)
    lines.push(
      `${named}  ${metricOf(fp)}: published at other offsets since; start the replay again`,
    );
  return lines.map((line) => `${line}\n`).join("");
}

export interface ReplaySummary {
  readonly days: number;
  readonly differing: readonly UtcDay[];
  readonly moved: readonly UtcDay[];
}

export const sumUp = (days: readonly ReplayedDay[]): ReplaySummary => ({
  days: days.length,
  differing: days.filter((d) => differing(d).length > 0).map((d) => d.day),
  moved: days.filter((d) => d.moved.length > 0).map((d) => d.day),
});

export function summaryLine(
  name: string,
  { days, differing: differs, moved }: ReplaySummary,
): string {
  if (differs.length + moved.length === 0) return `identical on ${days} days\n`;
  const same = days - new Set([...differs, ...moved]).size;
  const next = differs.length > 0 ? `; show it with: tandem replay promote ${name}` : "";
  return `${differs.length} of ${days} days differ, identical on ${same}${next}\n`;
}

const rangesOf = (lost: readonly LostRange[]): string =>
  lost.map((l) => `offsets ${l.from} to ${l.to} of partition ${l.partition}`).join(", ");

export const promotedJson = (name: string, day: UtcDay, promoted: Promoted): object => ({
  replay: name,
  day: formatDay(day),
  ...promoted,
});

export function promotedLine(name: string, day: UtcDay, promoted: Promoted): string {
  const named = formatDay(day);
  switch (promoted.state) {
    case "promoted":
      return `${named}  ${promoted.runs.length} metrics now show it; tandem heal rollback ${named} takes it back\n`;
    case "already":
      return `${named}  was promoted already\n`;
    case "identical":
      return `${named}  identical: nothing to show\n`;
    case "not_compared":
      return `${named}  not compared yet: tandem replay compare ${name}\n`;
    case "superseded":
      return `${named}  superseded by run ${promoted.by} of ${metricOf(promoted.fingerprint)}; nothing was changed: start the replay again\n`;
    case "pinned":
      return `${named}  pinned to run ${promoted.by} by a rollback; tandem heal unpin ${named}\n`;
    case "incomplete":
      return `${named}  not shown: ${rangesOf(promoted.lost)} are not in it, and they are in what is published\n`;
    case "audit_failed":
      return `${named}  not shown: audits failed: ${promoted.audits.map((a) => `${a.audit} of ${a.metric}: ${a.found}`).join("; ")}\n`;
  }
}

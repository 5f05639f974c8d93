// The figures of a seed's faults as lines of a table.
import type { Played } from "./play-fault.ts";

const HEAD = [
  "fault",
  "slowest answer",
  "503",
  "slowest query",
  "stale",
  "caught up",
  "events",
  "values",
  "violations",
];
const ms = (value: number | undefined): string =>
  value === undefined ? "never" : `${Math.round(value)} ms`;

export function summaryTable(played: readonly Played[]): string[] {
  const rows = played.map((p) => [
    p.fault,
    ms(p.slowestAnswerMs),
    String(p.unavailable),
    ms(p.slowestQueryMs),
    String(p.stale),
    ms(p.caughtUpMs),
    String(p.events),
    String(p.values),
    String(p.violations.length),
  ]);
  const widths = HEAD.map((head, i) =>
    Math.max(head.length, ...rows.map((r) => r[i]?.length ?? 0)),
  );
  return [HEAD, ...rows].map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  "),
  );
}

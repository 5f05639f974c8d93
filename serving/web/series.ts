// An answer as lines to draw: a line per group, each point with its interval, cut into what batch sealed and what the
// speed layer supplies. Pure.
import type { Point } from "@tandem/client";
import type { Shown } from "./api.ts";
import { numberOf } from "./format.ts";

type Values = (number | null)[];

export interface Line {
  readonly label: string;
  /** Every value, whichever layer it is of. */
  readonly all: Values;
  readonly sealed: Values;
  /** With the sealed point before, so that the line goes on. */
  readonly live: Values;
  readonly low: Values;
  readonly high: Values;
  readonly points: readonly (Point | undefined)[];
}

export interface Plot {
  /** Starts of windows, in seconds. */
  readonly xs: number[];
  readonly lines: readonly Line[];
  /** Groups that are in the table only. */
  readonly more: number;
  readonly before: Values | undefined;
  readonly missing: readonly {
    readonly from: number;
    readonly until: number;
    readonly why: string;
  }[];
  readonly horizon: number | undefined;
}

const MOST_LINES = 8;

const secondsOf = (at: string): number => Date.parse(at) / 1000;

export const groupLabel = (by: Point["by"]): string =>
  by === undefined
    ? ""
    : Object.values(by)
        .map((value) => value ?? "(none)")
        .join(" · ");

export function plotOf(answer: Shown): Plot {
  const starts = new Set(answer.points.map((p) => secondsOf(p.from)));
  const before = answer.compare?.points ?? [];
  for (const p of before) starts.add(secondsOf(p.beside));
  const missing = answer.missing.map((m) => ({
    from: secondsOf(m.from),
    until: secondsOf(m.until),
    why: m.why,
  }));
  // A line does not run across what is missing.
  for (const m of missing) if (!starts.has(m.from)) starts.add(m.from);
  const xs = [...starts].sort((a, b) => a - b);
  const at = new Map(xs.map((x, i) => [x, i]));
  const groups = new Map<string, Point[]>();
  for (const p of answer.points) {
    const label = groupLabel(p.by);
    const own = groups.get(label);
    if (own) own.push(p);
    else groups.set(label, [p]);
  }
  const weight = (points: readonly Point[]): number =>
    points.reduce((sum, p) => sum + Math.abs(numberOf(p.value) ?? 0), 0);
  const ordered = [...groups]
    .map(([label, points]) => ({ label, points, weight: weight(points) }))
    .sort((a, b) => b.weight - a.weight);
  const empty = (): Values => new Array<number | null>(xs.length).fill(null);
  let beside: Values | undefined;
  if (before.length > 0 && groups.size <= 1) {
    beside = empty();
    for (const p of before) beside[at.get(secondsOf(p.beside)) ?? 0] = numberOf(p.value);
  }
  return {
    xs,
    lines: ordered.slice(0, MOST_LINES).map((g) => lineOf(g.label, g.points, at, empty)),
    more: Math.max(0, ordered.length - MOST_LINES),
    before: beside,
    missing,
    horizon: answer.horizon === null ? undefined : secondsOf(answer.horizon),
  };
}

function lineOf(
  label: string,
  points: readonly Point[],
  at: ReadonlyMap<number, number>,
  empty: () => Values,
): Line {
  const [all, sealed, live, low, high] = [empty(), empty(), empty(), empty(), empty()];
  const own = new Array<Point | undefined>(all.length).fill(undefined);
  for (const p of points) {
    const i = at.get(secondsOf(p.from));
    if (i === undefined) continue;
    own[i] = p;
    all[i] = numberOf(p.value);
    low[i] = numberOf(p.low);
    high[i] = numberOf(p.high);
    if (p.layer === "batch") sealed[i] = all[i] ?? null;
    else live[i] = all[i] ?? null;
  }
  for (let i = 0; i < own.length; i++) {
    const batch = (j: number): boolean => own[j]?.layer === "batch";
    const beside = (own[i - 1] && !batch(i - 1)) || (own[i + 1] && !batch(i + 1));
    if (batch(i) && beside) live[i] = all[i] ?? null;
  }
  return { label, all, sealed, live, low, high, points: own };
}

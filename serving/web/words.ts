// What a chart shows, in words: which part is sealed and which is live, how sure it is, what is missing and why. Pure.
import type { Point } from "@tandem/client";
import type { Shown } from "./api.ts";
import { showMoment } from "./format.ts";

const WHY: Readonly<Record<string, string>> = {
  lag: "the views have not caught up with the log",
  flush_interrupted: "a flush was cut short",
  before_start: "the metric did not exist yet",
  run_not_kept: "the run of then is not kept any more",
};

const DEGRADED: Readonly<Record<string, string>> = {
  lag: "The views are behind the log.",
  flush_interrupted: "A flush of the speed layer was cut short.",
  capped: "There are more groups than are kept; the rest are under (other).",
};

export const layerWord = (layer: Point["layer"]): string =>
  layer === "batch" ? "sealed" : layer === "speed" ? "live" : "sealed + live";

export function sealedWords({ points }: Pick<Shown, "points">, zone: string): string {
  if (points.length === 0) return "Nothing to show in this range.";
  const of = (layer: Point["layer"]) => points.filter((p) => p.layer === layer).length;
  const sealed = of("batch");
  if (sealed === points.length) return "Sealed: batch has counted all of it.";
  if (of("both") === points.length)
    return "Sealed in part: what batch has counted, and on top of it what the speed layer adds.";
  if (sealed === 0) return "Live: the speed layer supplies all of it; nothing of it is sealed yet.";
  const { from, until } = sealedRange(points);
  // Windows in between that have taken late events in.
  const late = new Set<string>();
  let begins = true;
  for (const p of points) {
    if (p.layer === "batch") continue;
    const at = Date.parse(p.from);
    if (at < from) begins = false;
    else if (at < until) late.add(p.from);
  }
  const start = begins ? "Sealed" : `Sealed from ${showMoment(from, zone)}`;
  const inside = late.size === 0 ? "" : `, with live parts in ${count(late.size, "window")} of it`;
  return `${start} until ${showMoment(until, zone)}${inside}; the rest is live.`;
}

function sealedRange(points: Shown["points"]): { from: number; until: number } {
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const p of points) {
    if (p.layer !== "batch") continue;
    from = Math.min(from, Date.parse(p.from));
    until = Math.max(until, Date.parse(p.until));
  }
  return { from, until };
}

const whyWords = (why: string): string => WHY[why] ?? why.replaceAll("_", " ");

/** Everything else a reader has to know, one sentence each. */
export function notes(answer: Shown, zone: string): string[] {
  const said: string[] = [];
  for (const { from, until, why } of answer.missing.slice(0, 5))
    said.push(`Missing ${showMoment(from, zone)} – ${showMoment(until, zone)}: ${whyWords(why)}.`);
  const more = answer.missing.length - 5;
  if (more > 0) said.push(`And ${more} more missing ranges.`);
  if (answer.points.some((p) => p.low !== p.high))
    said.push(
      "Live values are estimates: the band is the interval that should hold the exact one.",
    );
  if (answer.late_pending > 0)
    said.push(
      `${count(answer.late_pending, "late event")} above the sealed runs: the next run takes them in.`,
    );
  if (answer.suspected > 0)
    said.push(`${count(answer.suspected, "possible duplicate")} in the upper bound only.`);
  if (answer.unchecked > 0)
    said.push(`${count(answer.unchecked, "event")} too old to be checked for duplicates.`);
  if (answer.skipped > 0) said.push(`${count(answer.skipped, "event")} without a readable value.`);
  if (answer.capped) said.push(DEGRADED["capped"] ?? "");
  for (const code of answer.degraded)
    said.push(DEGRADED[code] ?? `Degraded: ${code.replaceAll("_", " ")}.`);
  return said;
}

export const count = (n: number, what: string): string =>
  `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;

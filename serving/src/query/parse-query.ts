// From the parameters of a request to a query, or to what is wrong with them. Nothing is guessed: an
// unknown parameter is refused, and every refusal names what would work.
import {
  DAY_MS,
  type EpochMs,
  formatInstant,
  GRAIN_MS,
  type Grain,
  type Metric,
  parseDay,
  parseInstant,
  SPAN_GRAINS,
  STORED_GRAINS,
  type Window,
} from "@tandem/shared-logic";
import { type CompareTo, comparedWindows } from "./compared.ts";
import { type Comparing, type Demands, demandsOf } from "./demands.ts";
import { groupingOf } from "./grouping.ts";
import { checkShape, many, single } from "./parameters.ts";
import { BadQuery, type QueryParams, type QueryProblem } from "./problem.ts";
import { type AskedAsOf, type Layer, QUERY_LIMITS, type Query, type QueryLimits } from "./query.ts";
import { momentOf, type TimeZone, timeZone } from "./time-zone.ts";
import { windowsOf } from "./windows.ts";

const LAYERS: readonly Layer[] = ["both", "batch", "speed"];
const HOURLY_UP_TO_MS = 3 * DAY_MS;

export type Parsed =
  | { readonly ok: true; readonly query: Query }
  | { readonly ok: false; readonly problem: QueryProblem };

export function parseQuery(
  params: QueryParams,
  metric: Metric,
  now: EpochMs,
  limits: QueryLimits = QUERY_LIMITS,
): Parsed {
  try {
    return { ok: true, query: understood(params, metric, now, limits) };
  } catch (error) {
    if (error instanceof BadQuery) return { ok: false, problem: error.problem };
    throw error;
  }
}

/** Grains a metric can be asked at: from its finest stored one up. */
export function grainsOf(metric: Metric): Grain[] {
  const finest = STORED_GRAINS.indexOf(metric.reducer.grains[0] ?? "hour");
  return [...STORED_GRAINS.slice(finest), ...SPAN_GRAINS, "total"];
}

function understood(params: QueryParams, metric: Metric, now: EpochMs, limits: QueryLimits): Query {
  checkShape(params);
  const tz = single(params, "tz") ?? "UTC";
  const zone = timeZone(tz);
  if (!zone)
    throw new BadQuery("tz", "an IANA time zone", tz, ["UTC", "Europe/Berlin", "America/New_York"]);
  const asOf = asOfParam(single(params, "asOf"), zone, now);
  const sealed = single(params, "consistency") === "sealed";
  const layer = choice(
    "layer",
    single(params, "layer") ?? (asOf || sealed ? "batch" : "both"),
    LAYERS,
  );
  if (sealed && layer !== "batch")
    throw new BadQuery("layer", "batch, as nothing else is sealed", layer, ["batch"]);
  if (asOf && layer !== "batch")
    throw new BadQuery("layer", "batch, as only its runs are kept for asOf", layer, ["batch"]);
  const finest = metric.reducer.grains[0] ?? "hour";
  const cellMs = GRAIN_MS[finest];

  const untilText = single(params, "until");
  const until =
    untilText === undefined
      ? (((Math.floor(now / cellMs) + 1) * cellMs) as EpochMs)
      : moment("until", untilText, zone);
  const fromText = single(params, "from");
  const from =
    fromText === undefined ? ((until - DAY_MS) as EpochMs) : moment("from", fromText, zone);
  if (from >= until) {
    throw new BadQuery(
      "until",
      `a moment after from, ${formatInstant(from)}`,
      formatInstant(until),
      [formatInstant((from + DAY_MS) as EpochMs)],
    );
  }
  const grains = grainsOf(metric);
  const usual: Grain = until - from <= HOURLY_UP_TO_MS && grains.includes("hour") ? "hour" : "day";
  const grain = choice("grain", single(params, "grain") ?? usual, grains);
  for (const [name, at] of [
    ["from", from],
    ["until", until],
  ] as const) {
    if (at % cellMs !== 0) {
      const [down, up] = [Math.floor(at / cellMs), Math.ceil(at / cellMs)].map((n) =>
        formatInstant((n * cellMs) as EpochMs),
      );
      const got = `${formatInstant(at)}: ${metric.name} is kept by the ${finest}`;
      throw new BadQuery(name, `the start of a UTC ${finest}`, got, [down ?? "", up ?? ""]);
    }
  }
  const shorter = (max: number, unitMs: number): string =>
    `until=${formatInstant((from + Math.floor(max) * unitMs) as EpochMs)}`;
  if ((until - from) / cellMs > limits.cells || (until - from) / DAY_MS > limits.days) {
    const mostMs = Math.min(limits.cells * cellMs, limits.days * DAY_MS);
    const got = `${Math.round((until - from) / DAY_MS)} days`;
    throw new BadQuery("until", `at most ${Math.floor(mostMs / DAY_MS)} days after from`, got, [
      shorter(mostMs, 1),
    ]);
  }

  const by = many(params, "by")
    .flatMap((t) => t.split(","))
    .map((t) => t.trim())
    .filter((t) => t !== "");
  const where = Object.keys(params)
    .filter((name) => name === "where" || name.startsWith("where."))
    .flatMap((name) => many(params, name).map((text) => [name, text] as const));
  const grouping = groupingOf(metric, by, where);
  const windows = cut(from, until, grain, zone, metric, limits);
  const demands = demandsOf(params, by);
  if (layer === "batch") refuseDemands(demands);
  const to = single(params, "compare") as CompareTo | undefined;
  const compare = to && comparing(to, windows, grain, zone, metric);
  // The runtime may know the zone by an older name; the answer keeps the asker's.
  const named = zone.name.toLowerCase() === tz.toLowerCase() ? zone.name : tz;
  return {
    metric,
    from,
    until,
    grain,
    tz: named,
    layer,
    windows,
    ...grouping,
    ...(asOf ? { asOf } : {}),
    ...(compare ? { compare } : {}),
    ...demands,
  };
}

const RUN = /^\d{4,}-\d{2}-\d{2}-[0-9a-f]{32}$/;

/** A run's id, or a moment that has been. */
function asOfParam(text: string | undefined, zone: TimeZone, now: EpochMs): AskedAsOf | undefined {
  if (text === undefined) return undefined;
  if (RUN.test(text)) return { at: undefined, run: text, text };
  const at = moment("asOf", text, zone);
  if (at > now) throw new BadQuery("asOf", "a moment that has been", text, [formatInstant(now)]);
  return { at, text: formatInstant(at) };
}

function cut(
  from: EpochMs,
  until: EpochMs,
  grain: Grain,
  zone: TimeZone,
  metric: Metric,
  limits: QueryLimits,
): Window[] {
  const finest = metric.reducer.grains[0] ?? "hour";
  const cellMs = GRAIN_MS[finest];
  const windows = windowsOf(from, until, grain, zone, limits.windows);
  // Of UTC, whose hours and days are whole, no grain is finer than the finest.
  for (let i = 0; zone.name !== "UTC" && i < windows.length; i++) {
    const end = windows[i]!.until;
    if (end % cellMs === 0) continue;
    const got = `${zone.name}, where a window of grain ${grain} ends at ${formatInstant(end)}`;
    const kept = `as ${metric.name} is kept by the ${finest}`;
    const expected = `a zone whose ${grain}s end with a UTC ${finest}, ${kept}`;
    throw new BadQuery("tz", expected, got, ["UTC"]);
  }
  if (windows.length > limits.windows) {
    const coarser = grainsOf(metric).slice(grainsOf(metric).indexOf(grain) + 1);
    throw new BadQuery("grain", `at most ${limits.windows} windows in the range`, grain, coarser);
  }
  return windows;
}

/** The log has moved on from what is sealed: both cannot be asked for. */
function refuseDemands({ maxStalenessMs, atLeast }: Demands): void {
  const named =
    atLeast !== undefined ? "at_least" : maxStalenessMs !== undefined ? "max_staleness" : undefined;
  if (named !== undefined)
    throw new BadQuery(named, "the speed layer beside it, which alone is fresh", "batch alone", [
      "layer=both",
      "consistency=fresh",
    ]);
}

function comparing(
  to: CompareTo,
  windows: readonly Window[],
  grain: Grain,
  zone: TimeZone,
  metric: Metric,
): Comparing {
  const compared = comparedWindows(windows, to, grain, zone);
  const [first, last] = [compared[0], compared.at(-1)];
  const finest = metric.reducer.grains[0] ?? "hour";
  const edge = compared.flatMap((w) => [w.from, w.until]).find((at) => at % GRAIN_MS[finest] !== 0);
  if (!first || !last || edge !== undefined || first.from < 0) {
    const got = edge === undefined ? "nothing" : `one that ends at ${formatInstant(edge)}`;
    throw new BadQuery("compare", `earlier windows of whole UTC ${finest}s`, got, ["no compare"]);
  }
  return { to, windows: compared, range: { from: first.from, until: last.until } };
}

function choice<T extends string>(name: string, text: string, among: readonly T[]): T {
  const found = among.find((a) => a === text);
  if (found === undefined) throw new BadQuery(name, `one of ${among.join(", ")}`, text, among);
  return found;
}

/** A day is meant on the zone's calendar; a time without an offset is UTC. */
function moment(name: string, text: string, zone: TimeZone): EpochMs {
  const day = parseDay(text);
  if (day !== undefined) return momentOf(zone, day * DAY_MS);
  const at = parseInstant(text);
  if (at === undefined) {
    throw new BadQuery(name, "a day or an ISO 8601 moment", text, [
      "2019-10-01",
      "2019-10-01T12:00:00Z",
    ]);
  }
  return at;
}

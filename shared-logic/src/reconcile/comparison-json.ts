// A day's comparisons as the API and the command print them: times in ISO 8601, numbers as answers have them.
import { type Decimal, jsonDecimal, parseDecimal } from "../algebra/decimal.ts";
import { formatDay, formatInstant } from "../time/iso-8601.ts";
import type { Comparison, ComparisonRow } from "./comparison.ts";
import { NOTHING_SHED, type ShedCounts } from "./shed.ts";

const numberOf = (text: string | null): number | string | null => {
  const decimal: Decimal | undefined = text === null ? undefined : parseDecimal(text);
  return decimal ? jsonDecimal(decimal) : null;
};
const rounded = (n: number | null): number | null => (n === null ? null : Number(n.toPrecision(4)));

function comparisonJson(c: Comparison): object {
  return {
    metric: c.metric,
    version: c.version,
    run: c.run,
    batch: numberOf(c.value.batch),
    speed: numberOf(c.value.speed),
    low: numberOf(c.value.low),
    high: numberOf(c.value.high),
    difference: c.difference,
    sigma: rounded(c.sigma),
    z: rounded(c.z),
    events: c.events,
    bloom: { expected: rounded(c.bloom.expected), most: c.bloom.most },
    late: c.late,
    late_pending: c.latePending,
    dead_lettered: c.deadLettered,
    dropped: c.dropped,
    duplicated: c.duplicated,
    states: c.states,
    unexplained: c.unexplained,
  };
}

export interface ComparisonFilter {
  readonly metric?: string | undefined;
  readonly unexplained?: boolean | undefined;
}

/** The day with those of its metrics that are asked for; undefined where there are none. */
export function comparisonDayJson(
  { day, at, metrics }: ComparisonRow,
  { metric, unexplained }: ComparisonFilter,
  shed: ShedCounts = NOTHING_SHED,
): object | undefined {
  const asked = metrics.filter(
    (c) =>
      (metric === undefined || c.metric === metric) &&
      (unexplained !== true || c.unexplained.length > 0),
  );
  if (asked.length === 0) return undefined;
  return { day: formatDay(day), at: formatInstant(at), shed, metrics: asked.map(comparisonJson) };
}

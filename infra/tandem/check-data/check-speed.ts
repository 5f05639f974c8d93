// The speed layer alone must give additive figures exactly and keep the others within their claimed
// intervals, which may not be much wider than theory asks for.
import type { Asker } from "./ask.ts";
import { upperTail } from "./binomial.ts";
import { check } from "./outcome.ts";
import type { Expectation } from "./reference.ts";

interface Variant {
  readonly metric: string;
  readonly cells: number;
}

const SMALL: Readonly<Record<string, readonly Variant[]>> = {
  active_users: [
    { metric: "users_m16", cells: 16 },
    { metric: "users_m64", cells: 64 },
    { metric: "users_m256", cells: 256 },
  ],
  sessions: [
    { metric: "sessions_k4", cells: 4 },
    { metric: "sessions_k64", cells: 64 },
    { metric: "sessions_k256", cells: 256 },
  ],
};
const ADDITIVE = new Set(["events", "revenue"]);
const LEAST_P = 1e-4;
const MOST_WIDTH = 1.2;

export async function checkSpeed(
  name: string,
  expectations: readonly Expectation[],
  asker: Asker,
): Promise<void> {
  const additive = expectations.filter((e) => ADDITIVE.has(e.metric));
  let right = 0;
  for (const e of additive) {
    const p = await asker.point(e);
    if (String(p?.value) === e.value && p?.layer === "speed") right++;
  }
  check(
    right === additive.length && right > 0,
    `${name} speed alone, additive: ${right} of ${additive.length} figures equal`,
  );
  for (const [metric, variants] of Object.entries(SMALL)) {
    const cells = expectations.filter((e) => e.metric === metric);
    for (const v of [{ metric, cells: 0 }, ...variants])
      await checkIntervals(name, v, cells, asker);
  }
}

async function checkIntervals(
  name: string,
  variant: Variant,
  expectations: readonly Expectation[],
  { point }: Asker,
): Promise<void> {
  let [misses, trials] = [0, 0];
  const widths: number[] = [];
  for (const e of expectations) {
    const p = await point(e, variant.metric);
    const [truth, low, high] = [Number(e.value), Number(p?.low), Number(p?.high)];
    trials++;
    if (!(low <= truth && truth <= high)) misses++;
    if (variant.cells > 0 && truth >= 10 * variant.cells)
      widths.push(widthRatio(variant.metric, variant.cells, Number(p?.value), low, high));
  }
  const p = upperTail(misses, trials, 0.01);
  check(
    trials > 0 && p > LEAST_P,
    `${name} speed alone, ${variant.metric}: ${misses} misses in ${trials} cells (p = ${p.toPrecision(2)})`,
  );
  // A sample of fewer than 64 users claims more on purpose: see docs/decisions/user-sample-intervals.md.
  if (widths.length === 0 || (variant.metric.startsWith("sessions") && variant.cells < 64)) return;
  const median = widths.sort((a, b) => a - b)[Math.floor(widths.length / 2)] ?? Number.NaN;
  check(
    median <= MOST_WIDTH,
    `${name} ${variant.metric}: median width ${median.toFixed(2)} of theory over ${widths.length} cells`,
  );
}

/** Width of the claimed interval over what theory asks for the n items that the sketch itself reports. */
function widthRatio(metric: string, cells: number, n: number, low: number, high: number): number {
  const relative = metric.startsWith("users") ? 1.04 / Math.sqrt(cells) : 1 / Math.sqrt(cells - 2);
  return (high - low) / (2 * 2.5758 * relative * n);
}

// Compares the speed views with the truth: no cell invented; sure counts below the truth by at most what the
// Bloom filters claim (0.1 % of the events), with the suspected ones never below it; users within
// 3 sigma (3 · 1.04 / √4096) in 99 % of the cells.
import {
  type EpochMs,
  formatDecimal,
  type Metric,
  MINUTE_MS,
  SUSPECTED,
  type ViewStore,
} from "@tandem/shared-logic";
import { speedCells } from "./speed-cells.ts";
import { cellOf, type Truth } from "./truth.ts";
import { TYPES } from "./workload.ts";

const BLOOM_CLAIM = 0.001;
const THREE_SIGMA = (3 * 1.04) / Math.sqrt(4096);

/** An estimate of users does not ask for it. */
const NO_WINDOW = { from: 0 as EpochMs, until: 0 as EpochMs };

interface Found {
  sure: number;
  suspected: number;
}

/** Why the views are wrong, or undefined. `tenantInside`: the tenant is the first dimension. */
export async function checkSpeed(
  views: ViewStore,
  [events, users]: readonly [Metric, Metric],
  truth: Truth,
  tenantInside: boolean,
): Promise<string | undefined> {
  const counts = new Map<number, Found>();
  await eachCell(views, events, tenantInside, (cell, doubt, n) => {
    const found = counts.get(cell) ?? { sure: 0, suspected: 0 };
    if (doubt === SUSPECTED) found.suspected += n;
    else found.sure += n;
    counts.set(cell, found);
  });
  let short = 0;
  for (const [cell, { sure, suspected }] of counts) {
    const right = truth.counts.get(cell) ?? 0;
    if (sure > right) return `cell ${cell} counts ${sure} of ${right} events`;
    if (sure + suspected < right)
      return `cell ${cell} lost events: ${sure + suspected} of ${right}`;
    short += right - sure;
  }
  for (const cell of truth.counts.keys()) if (!counts.has(cell)) return `cell ${cell} is absent`;
  if (short > BLOOM_CLAIM * truth.events) return `${short} events are suspected wrongly`;

  const { approx } = users.reducer;
  const sketches = new Map<number, unknown>();
  await eachCell(views, users, tenantInside, (cell, _doubt, _n, state) => {
    sketches.set(cell, approx.plus(sketches.get(cell) ?? approx.zero, approx.decode(state)));
  });
  let within = 0;
  for (const [cell, right] of truth.users) {
    const sketch = sketches.get(cell);
    if (sketch === undefined) return `cell ${cell} has no users`;
    const { value } = approx.present(sketch, {
      window: NO_WINDOW,
      events: Number.MAX_SAFE_INTEGER,
    });
    const estimate = Number(value === null ? Number.NaN : formatDecimal(value));
    if (Math.abs(estimate - right) <= Math.max(THREE_SIGMA * right, 0.5)) within++;
  }
  const share = within / truth.users.size;
  return share < 0.99 ? `only ${share} of the cells are within 3 sigma` : undefined;
}

async function eachCell(
  views: ViewStore,
  metric: Metric,
  tenantInside: boolean,
  take: (cell: number, doubt: number, events: number, state: Uint8Array) => void,
): Promise<void> {
  for await (const c of speedCells(views, metric.dataset, metric, tenantInside)) {
    const type = TYPES.indexOf(c.type as (typeof TYPES)[number]);
    const cell = cellOf(c.minute * MINUTE_MS, Number(c.tenant.slice(1)), type);
    take(cell, c.doubt, c.events, c.state);
  }
}

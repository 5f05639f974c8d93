// What the speed views say of each tenant, event type and minute, as lines of CSV: events that are not suspected copies,
// and different users. Partitions and doubts are added up, as the overlay does.
import {
  decodeBlock,
  type EpochMs,
  formatDecimal,
  groupValues,
  type Metric,
  MINUTE_MS,
  type StoredSpeedRow,
  SUSPECTED,
  type ViewStore,
} from "@tandem/shared-logic";
import { START_MS, TENANTS } from "./workload.ts";

const DAY = 86_400_000;
const NO_WINDOW = { from: 0 as EpochMs, until: 0 as EpochMs };

type Cell = string;

/** `ofKey`: tenants are those of the records' headers, else the first dimension. */
export async function* groupLines(
  views: ViewStore,
  dataset: string,
  [events, users]: readonly [Metric, Metric],
  ofKey: boolean,
): AsyncGenerator<string> {
  const tenants = ofKey ? Array.from({ length: TENANTS }, (_, t) => `t${t}`) : [""];
  const { approx } = users.reducer;
  for (const tenant of tenants) {
    const counts = new Map<Cell, number>();
    for (const [cell, { doubt, n }] of cellsOf(await rowsOf(views, dataset, events, tenant)))
      counts.set(cell, (counts.get(cell) ?? 0) + (doubt === SUSPECTED ? 0 : n));
    const sketches = new Map<Cell, unknown>();
    for (const [cell, { state }] of cellsOf(await rowsOf(views, dataset, users, tenant)))
      sketches.set(cell, approx.plus(sketches.get(cell) ?? approx.zero, approx.decode(state)));
    for (const [cell, n] of counts) {
      if (n === 0) continue;
      const { value } = approx.present(sketches.get(cell) ?? approx.zero, {
        window: NO_WINDOW,
        events: Number.MAX_SAFE_INTEGER,
      });
      const name = ofKey ? `${tenant},${cell}` : cell;
      yield `${name},${n},${value === null ? "nan" : formatDecimal(value)}\n`;
    }
  }
}

const rowsOf = (
  views: ViewStore,
  dataset: string,
  metric: Metric,
  tenant: string,
): Promise<readonly StoredSpeedRow[]> =>
  views.readSpeed({
    dataset,
    fp: metric.fingerprint,
    tenant,
    set: 1,
    from: (START_MS - 400 * DAY) as EpochMs,
    until: (START_MS + 400 * DAY) as EpochMs,
  });

function* cellsOf(
  rows: readonly StoredSpeedRow[],
): Generator<
  readonly [Cell, { readonly doubt: number; readonly n: number; readonly state: Uint8Array }]
> {
  for (const row of rows) {
    const values = (groupValues(row.group) ?? []).join(",");
    for (const c of decodeBlock(row.state)) {
      const minute = row.startMs / MINUTE_MS + c.cell;
      yield [`${values},${minute}`, { doubt: row.doubt, n: c.events, state: c.state }];
    }
  }
}

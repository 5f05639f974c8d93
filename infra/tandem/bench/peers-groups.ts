// What the speed views say of each tenant, event type and minute, as lines of CSV: events that are not suspected copies,
// and different users. Partitions and doubts are added up, as the overlay does.
import {
  type EpochMs,
  formatDecimal,
  type Metric,
  SUSPECTED,
  type ViewStore,
} from "@tandem/shared-logic";
import { type SpeedCell, speedCells } from "./speed-cells.ts";

/** An estimate of users does not ask for it. */
const ANY = {
  window: { from: 0 as EpochMs, until: 0 as EpochMs },
  events: Number.MAX_SAFE_INTEGER,
};

const keyOf = ({ tenant, type, minute }: SpeedCell): string => `${tenant},${type},${minute}`;

/** `tenantInside`: the tenant is the metrics' first dimension. */
export async function* groupLines(
  views: ViewStore,
  dataset: string,
  [events, users]: readonly [Metric, Metric],
  tenantInside: boolean,
): AsyncGenerator<string> {
  const { approx } = users.reducer;
  const sketches = new Map<string, unknown>();
  for await (const cell of speedCells(views, dataset, users, tenantInside)) {
    const key = keyOf(cell);
    sketches.set(key, approx.plus(sketches.get(key) ?? approx.zero, approx.decode(cell.state)));
  }
  const counts = new Map<string, number>();
  for await (const cell of speedCells(views, dataset, events, tenantInside)) {
    if (cell.doubt === SUSPECTED) continue;
    const key = keyOf(cell);
    counts.set(key, (counts.get(key) ?? 0) + cell.events);
  }
  for (const [key, n] of counts) {
    const { value } = approx.present(sketches.get(key) ?? approx.zero, ANY);
    yield `${key},${n},${value === null ? "nan" : formatDecimal(value)}\n`;
  }
}

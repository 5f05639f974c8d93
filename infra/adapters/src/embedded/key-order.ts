// The order to write speed rows in, so that neighbours in the file come one after the other and a transaction
// touches few pages: rows of one metric, tenant and set together, by hour. Only speed depends on it: places far apart
// may share a number. Sorted as numbers with the row's index in their last bits: nothing is made for a row.
import { HOUR_MS, type SpeedRow } from "@tandem/shared-logic";

const ROWS = 2 ** 20;
const HOURS = 2 ** 16;
const SERIES = 2 ** 17;

/** Indexes into `rows`, each once. */
export function keyOrder(rows: readonly SpeedRow[]): Uint32Array {
  const order = new Uint32Array(rows.length);
  if (rows.length > ROWS) return order.map((_, i) => i);
  const series = new SeriesNumbers();
  const keys = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const hour = Math.floor(row.startMs / HOUR_MS);
    const inHours = hour - Math.floor(hour / HOURS) * HOURS;
    keys[i] = ((series.of(row) % SERIES) * HOURS + inHours) * ROWS + i;
  }
  keys.sort();
  for (let i = 0; i < keys.length; i++) order[i] = keys[i]! % ROWS;
  return order;
}

/** Small numbers of (metric, tenant, set), as they are met. */
class SeriesNumbers {
  private readonly numbers = new Map<string, Map<string, number[]>>();
  private count = 0;

  of({ fp, tenant, set }: SpeedRow): number {
    let tenants = this.numbers.get(fp);
    if (tenants === undefined) {
      tenants = new Map();
      this.numbers.set(fp, tenants);
    }
    let sets = tenants.get(tenant);
    if (sets === undefined) {
      sets = [];
      tenants.set(tenant, sets);
    }
    let number = sets[set];
    if (number === undefined) {
      number = this.count++;
      sets[set] = number;
    }
    return number;
  }
}

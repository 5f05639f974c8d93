// The order to write speed rows in, so that neighbours in the file come one after the other and a transaction
// touches few pages: by metric, tenant and set, then hour, then group, as the table's key within a partition. Only speed
// depends on it: places far apart may share a number. Sorted as numbers with a place in their last bits: nothing is made
// for a row.
import { HOUR_MS, type SpeedRow } from "@tandem/shared-logic";

const ROWS = 2 ** 20;
const HOURS = 2 ** 16;
const SERIES = 2 ** 17;

/** Indexes into `rows`, each once. */
export function keyOrder(rows: readonly SpeedRow[]): Uint32Array {
  const order = new Uint32Array(rows.length);
  if (rows.length > ROWS) return order.map((_, i) => i);
  const byGroup = groupOrder(rows);
  const series = new SeriesNumbers();
  const keys = new Float64Array(rows.length);
  for (let at = 0; at < byGroup.length; at++) {
    const row = rows[byGroup[at]!]!;
    putKey(keys, at, series.of(row) % SERIES, row);
  }
  keys.sort();
  for (let i = 0; i < keys.length; i++) order[i] = byGroup[keys[i]! % ROWS]!;
  return order;
}

/** Of its own, so that it is compiled before the loop around it is: until then each of these numbers is an object. */
function putKey(keys: Float64Array, at: number, series: number, { startMs }: SpeedRow): void {
  const hour = Math.floor(startMs / HOUR_MS);
  const inHours = hour - Math.floor(hour / HOURS) * HOURS;
  keys[at] = (series * HOURS + inHours) * ROWS + at;
}

/** Indexes into `rows` by group: each different group is compared, not each row's. */
function groupOrder(rows: readonly SpeedRow[]): Uint32Array {
  const numbers = new Map<string, number>();
  const ofRow = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const { group } = rows[i]!;
    let number = numbers.get(group);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(group, number);
    }
    ofRow[i] = number;
  }
  // By code units, which is sqlite's order but for characters beyond 16 bits.
  const ranks = new Uint32Array(numbers.size);
  const groups = [...numbers.keys()].sort();
  for (let rank = 0; rank < groups.length; rank++) ranks[numbers.get(groups[rank]!)!] = rank;
  const from = new Uint32Array(numbers.size + 1);
  // By index: where code is not compiled yet an iterator makes an object a row.
  for (let i = 0; i < rows.length; i++) from[ranks[ofRow[i]!]! + 1]! += 1;
  for (let rank = 0; rank < numbers.size; rank++) from[rank + 1]! += from[rank]!;
  const order = new Uint32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const rank = ranks[ofRow[i]!]!;
    order[from[rank]!] = i;
    from[rank]! += 1;
  }
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

// Which rows of an archive object stay when event types of it are downsampled. Pure. Of each tenant, such a type and
// minute of event time the row with the lowest offset stays and stands for all of them; every other row stays.
import { type EventColumns, MINUTE_MS, ROW_EVENT } from "@tandem/shared-logic";

export interface SampledRows {
  readonly rows: readonly number[];
  /** By offset of the kept rows of those types: for how many it stands, itself among them. */
  readonly weights: readonly (readonly [offset: number, rows: number])[];
}

/** `columns` with the fields `tenant` and `event_type`. Undefined where no row is of the types. */
export function sampledRows(
  columns: EventColumns,
  types: readonly string[],
): SampledRows | undefined {
  const wanted = new Set(types);
  const [tenants, names] = [columns.field("tenant"), columns.field("event_type")];
  const [tenantOf, nameOf] = [tenants.codes(), names.codes()];
  const isWanted = new Map<number, boolean>();
  const counts = new Map<string, [offset: number, rows: number]>();
  const rows: number[] = [];
  for (let row = 0; row < columns.count; row++) {
    const name = nameOf[row] ?? -1;
    let thin = columns.rowKinds[row] === ROW_EVENT && isWanted.get(name);
    if (thin === undefined) {
      thin = wanted.has(names.text(row) ?? "");
      isWanted.set(name, thin);
    }
    if (thin) {
      const key = `${tenantOf[row]} ${name} ${Math.floor((columns.timeMs[row] ?? 0) / MINUTE_MS)}`;
      const seen = counts.get(key);
      if (seen) {
        seen[1]++;
        continue;
      }
      counts.set(key, [columns.offsets[row] ?? 0, 1]);
    }
    rows.push(row);
  }
  return counts.size > 0 ? { rows, weights: [...counts.values()] } : undefined;
}

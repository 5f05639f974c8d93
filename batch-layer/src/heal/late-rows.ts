// The records that are new to a day's kept states, and which of them are copies: identities of the few late
// rows are held, and the ids of every object with the same as-sent day are looked through. A hash finds
// pairs, bytes decide. The copy with the lowest offset wins, as in a full unit.
import { DAY_MS, type EventColumns, ROW_EVENT } from "@tandem/shared-logic";

interface LateRow {
  readonly offset: number;
  readonly sentDay: number;
  readonly tenant: string;
  readonly id: Uint8Array;
  readonly lanes: readonly [number, number, number, number];
  copy: boolean;
}

/** A pair that has equal hashes: is row `row` of the object at hand the event that `late` is a copy of? */
export interface Suspect {
  readonly row: number;
  readonly late: LateRow;
}

export class LateRows {
  private readonly byLane = new Map<number, LateRow[]>();
  private readonly sentDays = new Set<number>();

  /** `columns` with `event_id` and `tenant`; what is needed of them is taken out. */
  add(columns: EventColumns, rows: readonly number[]): readonly LateRow[] {
    const [id, tenant] = [columns.field("event_id"), columns.field("tenant")];
    const codes = id.codes();
    return rows.map((row) => {
      const late: LateRow = {
        offset: columns.offsets[row]!,
        sentDay: Math.floor(columns.sentMs[row]! / DAY_MS),
        tenant: tenant.text(row) ?? "",
        id: id.interner.utf8(codes[row]!).slice(),
        lanes: lanesOf(columns.idHashes, row),
        copy: false,
      };
      const same = this.byLane.get(late.lanes[0]);
      if (same) same.push(late);
      else this.byLane.set(late.lanes[0], [late]);
      this.sentDays.add(late.sentDay);
      return late;
    });
  }

  /** Whether an object with events of these as-sent days may hold an earlier copy. */
  concerns(sentDays: Readonly<Record<string, number>>): boolean {
    return Object.keys(sentDays).some((day) => this.sentDays.has(Number(day)));
  }

  suspects(columns: EventColumns): Suspect[] {
    const { idHashes, sentMs, offsets, rowKinds } = columns;
    const found: Suspect[] = [];
    for (let row = 0; row < columns.count; row++) {
      const candidates = this.byLane.get(idHashes[4 * row]!);
      if (candidates === undefined || rowKinds[row] !== ROW_EVENT) continue;
      const day = Math.floor(sentMs[row]! / DAY_MS);
      const lanes = lanesOf(idHashes, row);
      for (const late of candidates) {
        const earlier = offsets[row]! < late.offset && !late.copy && late.sentDay === day;
        if (earlier && lanes.every((lane, i) => lane === late.lanes[i])) found.push({ row, late });
      }
    }
    return found;
  }
}

/** `columns` of the suspects' object, with `event_id` and `tenant`. */
export function settleSuspects(columns: EventColumns, suspects: readonly Suspect[]): void {
  const [id, tenant] = [columns.field("event_id"), columns.field("tenant")];
  const codes = id.codes();
  for (const { row, late } of suspects) {
    if ((tenant.text(row) ?? "") !== late.tenant) continue;
    if (Buffer.compare(id.interner.utf8(codes[row]!), late.id) === 0) late.copy = true;
  }
}

const lanesOf = (hashes: Uint32Array, row: number): [number, number, number, number] => [
  hashes[4 * row]!,
  hashes[4 * row + 1]!,
  hashes[4 * row + 2]!,
  hashes[4 * row + 3]!,
];

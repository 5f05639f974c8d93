// Columnar folding of perUser. Most events belong to users outside the sample or only move the end of
// an interval: the first cost one comparison of hashes, the others one look-up, and neither allocates.
import type { Algebra } from "../algebra/algebra.ts";
import type { Kernel } from "../algebra/kernel.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { type EventColumns, FIELD_FALSE, FIELD_TEXT } from "../events/event-columns.ts";
import { UserSampleTable } from "../sketches/user-sample-table.ts";
import type { ExactUsers } from "./per-user-exact.ts";
import type { PerUserHeader } from "./per-user-header.ts";
import type { SampledUsers } from "./per-user-sample.ts";
import type { PerUserItem, PerUserShape } from "./per-user-shape.ts";
import { SampleSlotWriter } from "./sample-slot-writer.ts";

type ItemsOf = (columns: EventColumns) => (row: number) => PerUserItem | null;

const isText = (kind: number): boolean => kind >= FIELD_TEXT && kind <= FIELD_FALSE;

/** Kernel slots of any kind, each made when it is first needed. */
class Slots<T> {
  private readonly slots: T[] = [];
  private readonly make: () => T;

  constructor(make: () => T) {
    this.make = make;
  }
  grow(count: number): void {
    while (this.slots.length < count) this.slots.push(this.make());
  }
  at(slot: number): T {
    const found = this.slots[slot];
    if (found === undefined) throw new RangeError(`no slot ${slot}`);
    return found;
  }
  clear(slot: number): void {
    this.at(slot);
    this.slots[slot] = this.make();
  }
}

export function exactKernel<S>(
  shape: PerUserShape<S>,
  algebra: Algebra<PerUserItem | null, ExactUsers<S>>,
  items: ItemsOf,
): Kernel {
  const slots = new Slots(() => new Map<string, S>());
  return {
    grow: (count) => slots.grow(count),
    fold(columns, rows, slotOf, n) {
      const itemOf = items(columns);
      const users = columns.field("user");
      for (let i = 0; i < n; i++) {
        const row = rows[i] ?? 0;
        const states = slots.at(slotOf[i] ?? 0);
        const user = users.text(row);
        if (user === undefined) continue;
        const own = states.get(user);
        if (own !== undefined && shape.extend(own, columns.timeMs[row] ?? 0)) continue;
        const item = itemOf(row);
        if (item === null) continue;
        states.set(user, own === undefined ? shape.one(item) : shape.plus(own, shape.one(item)));
      }
    },
    encode: (slot) => algebra.encode({ ...algebra.zero, users: slots.at(slot) }),
    load(slot, bytes) {
      slots.clear(slot);
      const states = slots.at(slot);
      for (const [user, state] of algebra.decode(bytes).users) states.set(user, state);
    },
    clear: (slot) => slots.clear(slot),
  };
}

export function sampleKernel<S>(
  shape: PerUserShape<S>,
  algebra: Algebra<PerUserItem | null, SampledUsers<S>>,
  items: ItemsOf,
  { header, k }: { readonly header: PerUserHeader; readonly k: number },
): Kernel {
  const slots = new Slots(() => new UserSampleTable<S>(k));
  const writer = new SampleSlotWriter(shape, header);
  const write = (slot: number, out: ByteWriter): void => writer.write(out, slot, slots.at(slot));
  const clear = (slot: number): void => {
    slots.clear(slot);
    writer.forget(slot);
  };
  return {
    grow: (count) => slots.grow(count),
    fold(columns, rows, slotOf, n) {
      const users = columns.field("user");
      const [kinds, hashes, timeMs] = [users.kinds, users.hashes(), columns.timeMs];
      let itemOf: ReturnType<ItemsOf> | undefined;
      for (let i = 0; i < n; i++) {
        const row = rows[i]!;
        const table = slots.at(slotOf[i]!);
        const [hi, lo] = [hashes[2 * row]!, hashes[2 * row + 1]!];
        if (!table.admits(hi, lo) || !isText(kinds[row]!)) continue;
        const entry = table.entryOf(hi, lo);
        const own = entry < 0 ? undefined : table.states[entry];
        if (own !== undefined && shape.extend(own, timeMs[row]!)) {
          table.touch(entry);
          continue;
        }
        itemOf ??= items(columns);
        const item = itemOf(row);
        if (item === null) continue;
        table.set(hi, lo, own === undefined ? shape.one(item) : shape.plus(own, shape.one(item)));
      }
    },
    encode(slot) {
      const out = new ByteWriter(1024);
      write(slot, out);
      return out.done();
    },
    write,
    load(slot, bytes) {
      clear(slot);
      slots.at(slot).load(algebra.decode(bytes).sample);
    },
    clear,
  };
}

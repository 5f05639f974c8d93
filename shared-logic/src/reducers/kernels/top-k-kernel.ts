// topK by slot. Approximately, most events cost one comparison of hashes: the sample does not want them.
import type { Algebra } from "../../algebra/algebra.ts";
import type { Kernel } from "../../algebra/kernel.ts";
import type { EventColumns } from "../../events/event-columns.ts";
import type { Path } from "../../metrics/selector.ts";
import { UserSampleTable } from "../../sketches/user-sample-table.ts";
import {
  type CountedGroups,
  earlierGroup,
  encodeSampledGroups,
  groupsOfSample,
  type SampledGroups,
  type TopItem,
} from "../top-k-states.ts";

interface Slot {
  counts: Map<string, number>;
  events: number;
  readonly sample: UserSampleTable<string>;
  /** Of the sample that was encoded last. */
  groups: readonly string[];
}

export function topKKernel(
  side: "exact" | "approx",
  items: (columns: EventColumns) => (row: number) => TopItem | null,
  path: Path,
  size: number,
  exact: Algebra<TopItem | null, CountedGroups>,
  approx: Algebra<TopItem | null, SampledGroups>,
): Kernel {
  const slots: Slot[] = [];
  const empty = (): Slot => ({
    counts: new Map(),
    events: 0,
    sample: new UserSampleTable(size),
    groups: [],
  });
  const at = (slot: number): Slot => {
    const found = slots[slot];
    if (found === undefined) throw new RangeError(`no slot ${slot}`);
    return found;
  };
  return {
    grow(count) {
      while (slots.length < count) slots.push(empty());
    },
    fold(columns, rows, slotOf, n) {
      const itemOf = items(columns);
      const codes = columns.field(path).codes();
      const { idHashes } = columns;
      for (let i = 0; i < n; i++) {
        const row = rows[i]!;
        if (codes[row]! < 0) continue;
        const into = at(slotOf[i]!);
        into.events++;
        const [hi, lo] = [idHashes[4 * row]!, idHashes[4 * row + 1]!];
        const wanted = into.sample.admits(hi, lo);
        if (!wanted && side === "approx") continue;
        const item = itemOf(row);
        if (item === null) continue;
        const { group } = item;
        if (side === "exact") into.counts.set(group, (into.counts.get(group) ?? 0) + 1);
        if (!wanted) continue;
        const own = into.sample.states[into.sample.entryOf(hi, lo)];
        into.sample.set(hi, lo, own === undefined ? group : earlierGroup(own, group));
      }
    },
    encode(slot) {
      const from = at(slot);
      const { counts, events } = from;
      const sample = from.sample.sample();
      if (side === "exact") return exact.encode({ counts, sample });
      from.groups = groupsOfSample(sample, from.groups);
      return encodeSampledGroups({ events, sample }, size, from.groups);
    },
    load(slot, bytes) {
      const into = empty();
      if (side === "exact") {
        const { counts, sample } = exact.decode(bytes);
        into.counts = new Map(counts);
        into.sample.load(sample);
      } else {
        const { events, sample } = approx.decode(bytes);
        into.events = events;
        into.sample.load(sample);
      }
      slots[slot] = into;
    },
    clear(slot) {
      slots[slot] = empty();
    },
  };
}

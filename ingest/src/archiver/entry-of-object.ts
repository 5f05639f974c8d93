// The manifest entry of an object, counted from the object's own columns: what the manifest says is
// what the object holds, also where the object was written by another archiver.
import {
  type Cut,
  DAY_MS,
  type EventColumns,
  type ManifestEntry,
  ROW_CUT,
  ROW_EVENT,
  TandemError,
} from "@tandem/shared-logic";

/** What the columns do not say. */
export type ObjectFacts = Pick<
  ManifestEntry,
  "dataset" | "partition" | "from" | "to" | "object" | "sizeBytes" | "sha256"
>;

/** `seq`: highest effective seq before the object. */
export function entryOfObject(
  facts: ObjectFacts,
  columns: EventColumns,
  seq: number,
): ManifestEntry {
  const { count, offsets, rowKinds, timeMs, sentMs, receivedMs } = columns;
  if (count === 0 || offsets[0]! < facts.from || offsets[count - 1]! !== facts.to - 1) {
    throw new TandemError("corrupt_bytes", { details: { what: "offsets of an object", ...facts } });
  }
  const [days, sentDays] = [new Map<number, number>(), new Map<number, number>()];
  let [events, cuts, highest] = [0, 0, seq];
  let received = Number.NEGATIVE_INFINITY;
  let cut: Cut | undefined;
  for (let row = 0; row < count; row++) {
    if (rowKinds[row] === ROW_EVENT) {
      events++;
      add(days, Math.floor(timeMs[row]! / DAY_MS));
      add(sentDays, Math.floor(sentMs[row]! / DAY_MS));
      received = Math.max(received, receivedMs[row]!);
    } else if (rowKinds[row] === ROW_CUT) {
      cuts++;
      const here = columns.cut(row);
      if (here.seq <= highest) continue;
      if (row !== count - 1) {
        throw new TandemError("corrupt_bytes", {
          details: { what: "cut inside an object", ...facts },
        });
      }
      highest = here.seq;
      cut = here;
    }
  }
  return {
    ...facts,
    events,
    cuts,
    dead: count - events - cuts,
    days: Object.fromEntries(days),
    sentDays: Object.fromEntries(sentDays),
    receivedMs: events === 0 ? null : received,
    seq: highest,
    ...(cut === undefined ? {} : { cut }),
  };
}

const add = (days: Map<number, number>, day: number): void => {
  days.set(day, (days.get(day) ?? 0) + 1);
};

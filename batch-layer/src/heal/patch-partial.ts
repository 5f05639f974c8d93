// plus(kept, new), block by block: rows that the new records do not touch keep their bytes. Because states
// encode canonically the result is byte for byte what folding all records gives.
import {
  type BlockCell,
  comparePartialRows,
  decodeBlock,
  encodeBlock,
  encodePartial,
  type Metric,
  type PartialRow,
} from "@tandem/shared-logic";
import type { KeptPartial } from "../read-partial.ts";
import { plusEncoded } from "./encoded-form.ts";

/** Blocks that were not there before, or with other bytes; both lists in the order they are kept in. */
export function changedBlocks(
  before: readonly PartialRow[],
  after: readonly PartialRow[],
): PartialRow[] {
  let at = 0;
  return after.filter((row) => {
    let was = before[at];
    while (was && comparePartialRows(was, row) < 0) was = before[++at];
    if (!was || comparePartialRows(was, row) > 0) return true;
    at++;
    return was.state.length !== row.state.length || Buffer.compare(was.state, row.state) !== 0;
  });
}

type Place = Pick<PartialRow, "tenant" | "set" | "group" | "startMs">;
const placeOf = (r: Place): string => JSON.stringify([r.tenant, r.set, r.group, r.startMs]);

/** The kept partial state with the rows of `added` merged into it. */
export function patchPartial(
  metric: Metric,
  kept: KeptPartial,
  added: readonly PartialRow[],
): KeptPartial {
  if (added.length === 0) return kept;
  const left = new Map(added.map((row) => [placeOf(row), row]));
  const rows = kept.rows.map((row) => {
    const place = placeOf(row);
    const more = left.get(place);
    if (!more) return row;
    left.delete(place);
    return mergeRows(metric, row, more);
  });
  const all = [...rows, ...left.values()].sort(comparePartialRows);
  return { bytes: encodePartial(all), rows: all };
}

function mergeRows(metric: Metric, a: PartialRow, b: PartialRow): PartialRow {
  const cells = new Map<number, BlockCell>();
  for (const c of decodeBlock(a.state)) cells.set(c.cell, c);
  for (const c of decodeBlock(b.state)) {
    const known = cells.get(c.cell);
    if (!known) {
      cells.set(c.cell, c);
      continue;
    }
    cells.set(c.cell, {
      cell: c.cell,
      events: known.events + c.events,
      skipped: known.skipped + c.skipped,
      state: plusEncoded(metric, known.state, c.state),
    });
  }
  const merged = [...cells.values()].sort((x, y) => x.cell - y.cell);
  return {
    ...a,
    events: a.events + b.events,
    skipped: a.skipped + b.skipped,
    state: encodeBlock(merged),
  };
}

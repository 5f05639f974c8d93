// What the batch row measures of ours: columns of the codec, the exact side of the fold, then what its
// cells show, or their encoded states.
import { foreignColumns, parquetCodec } from "@tandem/adapters/parquet";
import { FirstCopies } from "@tandem/batch-layer";
import {
  type CellValue,
  type EventColumns,
  Fold,
  fieldsOf,
  groupValues,
  type Interner,
  type Metric,
  ROW_EVENT,
} from "@tandem/shared-logic";

/** (hour, tenant, type) -> users. */
export type Answer = Map<string, number>;

/** `interners`: of the batches; what a unit releases of them is released. */
async function folded(
  metric: Metric,
  batches: Iterable<EventColumns> | AsyncIterable<EventColumns>,
  interners: ReadonlyMap<string, Interner>,
): Promise<Fold> {
  const fold = new Fold([metric], "exact", Number.POSITIVE_INFINITY);
  let rows = new Uint32Array(0);
  let sure = new Uint8Array(0);
  for await (const columns of batches) {
    if (rows.length < columns.count) {
      rows = new Uint32Array(columns.count);
      sure = new Uint8Array(columns.count);
    }
    let n = 0;
    for (let row = 0; row < columns.count; row++) {
      if (columns.rowKinds[row] === ROW_EVENT) rows[n++] = row;
    }
    fold.fold(columns, rows, sure, n);
  }
  for (const interner of interners.values()) interner.release();
  return fold;
}

export async function foldObjects(metric: Metric, objects: readonly Uint8Array[]): Promise<Fold> {
  const interners = new Map<string, Interner>();
  const fields = fieldsOf(metric);
  async function* batches(): AsyncGenerator<EventColumns> {
    for (const object of objects) yield await parquetCodec.columns(object, fields, interners);
  }
  return folded(metric, batches(), interners);
}

export const PLAIN_LAYOUT = {
  time: "ts",
  user: "user_id",
  texts: { tenant: "tenant_id", event_type: "event_type" },
};

export function foldPlain(metric: Metric, file: Uint8Array): Promise<Fold> {
  const interners = new Map<string, Interner>();
  const batches = foreignColumns(file, PLAIN_LAYOUT, fieldsOf(metric), interners);
  return folded(metric, batches, interners);
}

/** Those of the last grouping set. */
export function answerOf(values: readonly CellValue[]): Answer {
  const answer: Answer = new Map();
  const last = Math.max(...new Set(values.map((v) => v.set)));
  for (const { set, tenant, group, startMs, estimate } of values) {
    const users = Number(estimate.value?.units);
    if (set === last) answer.set(`${startMs}|${tenant}|${groupValues(group)?.[0]}`, users);
  }
  return answer;
}

export function stateBytes(fold: Fold): number {
  let bytes = 0;
  for (const { state } of fold.rows()) bytes += state.length;
  return bytes;
}

/** Events that are no copy of an earlier one, as a batch unit finds them; a manifest tells it how many `rows` there are. */
export async function firstCopies(objects: readonly Uint8Array[], rows: number): Promise<number> {
  const interners = new Map<string, Interner>();
  const copies = new FirstCopies(rows);
  let first = 0;
  for (const object of objects) {
    const columns = await parquetCodec.columns(object, ["event_id", "tenant"], interners);
    first += copies.select(columns).length;
  }
  copies.release();
  return first;
}

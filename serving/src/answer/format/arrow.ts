// An Arrow IPC stream (Arrow columnar format 1.5): one table of all rows. Moments are timestamps in milliseconds,
// UTC; value, low and high are doubles, their exact digits stand beside them as text. Each answer without its points
// stands as JSON in the schema's metadata under `answers`.
import type { Answer, JsonNumber } from "@tandem/shared-logic";
import {
  Bool,
  type DataType,
  Float64,
  RecordBatch,
  Schema,
  Table,
  TimestampMillisecond,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { dimensionsOf, type Row, rowsOf } from "./rows.ts";

type Column = readonly [name: string, type: DataType, of: (row: Row) => unknown];

const numberOf = (value: JsonNumber): number | null => (value === null ? null : Number(value));
const digits = (value: JsonNumber): string | null => (value === null ? null : String(value));
const millis = (text: string): number => Date.parse(text);

function columnsFor(answers: readonly Answer[]): Column[] {
  const text = new Utf8();
  const time = new TimestampMillisecond("UTC");
  return [
    ["metric", text, (r) => r.answer.metric],
    ["role", text, (r) => r.role],
    ["from", time, (r) => millis(r.point.from)],
    ["until", time, (r) => millis(r.point.until)],
    // A dimension may bear the name of a column of ours.
    ...dimensionsOf(answers).map(
      (dim): Column => [`by.${dim}`, text, (r) => r.point.by?.[dim] ?? null],
    ),
    ["value", new Float64(), (r) => numberOf(r.point.value)],
    ["low", new Float64(), (r) => numberOf(r.point.low)],
    ["high", new Float64(), (r) => numberOf(r.point.high)],
    ["value_text", text, (r) => digits(r.point.value)],
    ["exact", new Bool(), (r) => r.point.exact],
    ["layer", text, (r) => r.point.layer],
    ["run", text, (r) => r.point.run ?? null],
  ];
}

export function answersArrow(answers: readonly Answer[]): Uint8Array {
  const rows = [...rowsOf(answers)];
  const columns = columnsFor(answers);
  const table = new Table(
    Object.fromEntries(
      columns.map(([name, type, of]) => [name, vectorFromArray(rows.map(of), type)]),
    ),
  );
  const about = answers.map(({ points: _p, total: _t, ...rest }) => rest);
  const schema = new Schema(table.schema.fields, new Map([["answers", JSON.stringify(about)]]));
  const batches = table.batches.map((batch) => new RecordBatch(schema, batch.data));
  return tableToIPC(new Table(schema, batches), "stream");
}

// Whether two producers' columns say the same of the same records: every header column and, for every
// field, kinds, texts, hashes and decimals.
import assert from "node:assert/strict";
import { type EventColumns, ROW_CUT, ROW_EVENT } from "@tandem/shared-logic";

const SCALES = [0, 2];

export function assertSameColumns(
  actual: EventColumns,
  expected: EventColumns,
  fields: readonly string[],
  label: string,
): void {
  const { count } = expected;
  assert.equal(actual.count, count, label);
  assert.equal(actual.partition, expected.partition, label);
  const same = (name: string, pick: (c: EventColumns) => ArrayLike<unknown>, width = 1): void => {
    const [a, b] = [pick(actual), pick(expected)];
    for (let row = 0; row < count; row++) {
      const isHeader = name === "offsets" || name === "rowKinds";
      if (!isHeader && expected.rowKinds[row] !== ROW_EVENT) continue;
      for (let k = row * width; k < (row + 1) * width; k++) {
        assert.deepEqual(a[k], b[k], `${label}: ${name} of row ${row}`);
      }
    }
  };
  same("offsets", (c) => c.offsets);
  same("rowKinds", (c) => c.rowKinds);
  same("flags", (c) => c.flags);
  same("timeMs", (c) => c.timeMs);
  same("sentMs", (c) => c.sentMs);
  same("receivedMs", (c) => c.receivedMs);
  same("idHashes", (c) => c.idHashes, 4);
  same("userKinds", (c) => c.userKinds);
  for (const path of fields) {
    const rows = Array.from({ length: count }, (_, row) => row);
    same(`kinds of ${path}`, (c) => c.field(path).kinds);
    same(`text of ${path}`, (c) => rows.map((row) => c.field(path).text(row)));
    same(`hashes of ${path}`, (c) => c.field(path).hashes(), 2);
    same(`coded text of ${path}`, (c) => {
      const { interner } = c.field(path);
      const codes = c.field(path).codes();
      return rows.map((row) => (codes[row]! < 0 ? undefined : interner.text(codes[row]!)));
    });
    for (const scale of SCALES) {
      same(`units of ${path}`, (c) => c.field(path).decimals(scale).units);
      same(`status of ${path}`, (c) => c.field(path).decimals(scale).status);
      same(`big of ${path}`, (c) => rows.map((row) => c.field(path).decimals(scale).big.get(row)));
    }
  }
  for (let row = 0; row < count; row++) {
    if (expected.rowKinds[row] !== ROW_CUT) continue;
    assert.deepEqual(actual.cut(row), expected.cut(row), `${label}: cut of row ${row}`);
  }
}

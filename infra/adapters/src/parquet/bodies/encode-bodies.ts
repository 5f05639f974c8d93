// Bodies as columns: each is cut at its scalars, and what another column of the row says already, or has a
// column of its own, is a mark in the row's shape. Every row is made again from what is to be written and
// compared with the body that came; one that is not the same bytes is left to be stored whole.
import { Interner, NO_TEXT } from "@tandem/shared-logic";
import type { WrittenColumn } from "../written-column.ts";
import { CutBodies } from "./cut-bodies.ts";
import { VALUE_COLUMNS, valueColumn } from "./marks.ts";
import { type OwnColumns, OwnTexts } from "./own-texts.ts";
import { placeValues } from "./place-values.ts";
import { SameBody } from "./same-body.ts";
import { NO_SKELETON } from "./skeletons.ts";
import { type ValueRanges, valueRanges } from "./value-ranges.ts";
import { Variants } from "./variants.ts";

export interface BodyRows {
  readonly bytes: Uint8Array;
  /** -1 where a row has no body. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

export interface EncodedBodies {
  readonly columns: readonly WrittenColumn[];
  /** 1 for each row that the columns give back. */
  readonly isShaped: Uint8Array;
}

export function encodeBodies({ bytes, starts, ends }: BodyRows, own: OwnColumns): EncodedBodies {
  const rows = starts.length;
  const ownTexts = new OwnTexts(own);
  const cut = new CutBodies(bytes, rows, ownTexts);
  for (let row = 0; row < rows; row++) {
    if (starts[row]! >= 0) cut.cut(row, starts[row]!, ends[row]!);
  }
  const { skeletonOf, skeletons, values } = cut;
  const { places, dictionary } = placeValues(values, bytes, skeletons.groupsOf);
  const ranges = valueRanges(values, places, bytes, rows, dictionary.length);
  const shapes = new Interner();
  const codes = new Int32Array(rows).fill(NO_TEXT);
  const variants = new Variants(shapes, cut, places, bytes);
  const same = new SameBody(shapes, ownTexts, bytes, ranges);
  const isShaped = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const skeleton = skeletonOf[row]!;
    if (skeleton === NO_SKELETON) continue;
    const code = variants.next(skeleton, starts[row]!, ends[row]!);
    if (!same.is(row, code, starts[row]!, ends[row]!)) continue;
    codes[row] = code;
    isShaped[row] = 1;
  }
  return {
    columns: [
      { name: "shape", optional: true, kind: "codes", interner: shapes, codes },
      ...valueColumns(bytes, rows, ranges, dictionary),
    ],
    isShaped,
  };
}

function valueColumns(
  bytes: Uint8Array,
  rows: number,
  ranges: readonly ValueRanges[],
  dictionary: readonly boolean[],
): WrittenColumn[] {
  const none = new Int32Array(rows).fill(-1);
  return Array.from({ length: VALUE_COLUMNS }, (_, c): WrittenColumn => {
    const name = valueColumn(c);
    const { starts, ends } = ranges[c] ?? { starts: none, ends: none };
    if (dictionary[c] !== true)
      return {
        name,
        optional: true,
        kind: "slices",
        text: true,
        packed: true,
        bytes,
        starts,
        ends,
      };
    const interner = new Interner();
    const codes = new Int32Array(rows).fill(NO_TEXT);
    for (let row = 0; row < rows; row++) {
      if (starts[row]! >= 0) codes[row] = interner.intern(bytes, starts[row]!, ends[row]!);
    }
    return { name, optional: true, kind: "codes", smallest: true, interner, codes };
  });
}

// Whether a row's shape and columns give back its body: the shape is read as a reader reads it, and every
// byte compared.
import type { Interner } from "@tandem/shared-logic";
import { FIRST_VALUE_MARK, type Piece, piecesOf } from "./marks.ts";
import { endOf, type OwnTexts } from "./own-texts.ts";
import type { ValueRanges } from "./value-ranges.ts";

export class SameBody {
  private readonly shapes: Interner;
  private readonly own: OwnTexts;
  private readonly bytes: Uint8Array;
  private readonly values: readonly ValueRanges[];
  private readonly pieces: Piece[][] = [];

  /** `values`: by value column, ranges of `bytes`. */
  constructor(shapes: Interner, own: OwnTexts, bytes: Uint8Array, values: readonly ValueRanges[]) {
    this.shapes = shapes;
    this.own = own;
    this.bytes = bytes;
    this.values = values;
  }

  is(row: number, shape: number, from: number, until: number): boolean {
    const { bytes, own } = this;
    this.pieces[shape] ??= piecesOf(this.shapes.utf8(shape));
    const pieces = this.pieces[shape]!;
    let at = from;
    for (let p = 0; p < pieces.length && at >= 0; p++) {
      const { mark, bytes: plain } = pieces[p]!;
      if (mark === 0) at = endOf(plain, 0, plain.length, bytes, at, until);
      else if (mark < FIRST_VALUE_MARK) at = own.end(mark, row, bytes, at, until);
      else {
        const { starts, ends } = this.values[mark - FIRST_VALUE_MARK]!;
        // Equal bytes, where they are these very ones.
        if (starts[row] === at) at = ends[row]!;
        else at = starts[row]! < 0 ? -1 : endOf(bytes, starts[row]!, ends[row]!, bytes, at, until);
      }
    }
    return at === until;
  }
}

// The shapes of a skeleton: one for each way its scalars stand in rows (as which mark, with quotes or
// without), found by one step of a table per scalar. Shapes that hold a value themselves are made row by row.
import { type Interner, NO_TEXT } from "@tandem/shared-logic";
import { PageBytes } from "../page-bytes.ts";
import { BARE, type CutBodies, QUOTE, QUOTED, STATES } from "./cut-bodies.ts";
import { FIRST_VALUE_MARK } from "./marks.ts";
import type { Place } from "./place-values.ts";

export class Variants {
  private readonly shapes: Interner;
  private readonly cut: CutBodies;
  private readonly places: readonly Place[];
  private readonly bytes: Uint8Array;
  /** By group: 1 where the value stands in the shape and is not the same in all rows. */
  private readonly varies: Uint8Array;
  private readonly roots: Int32Array;
  /** Node n's child by state s: children[n * STATES + s]; 0: none yet. */
  private children = new Int32Array(STATES * 64);
  private codes = new Int32Array(64).fill(NO_TEXT);
  private nodes = 1;
  /** The next row's first scalar. */
  private at = 0;

  constructor(shapes: Interner, cut: CutBodies, places: readonly Place[], bytes: Uint8Array) {
    this.shapes = shapes;
    this.cut = cut;
    this.places = places;
    this.bytes = bytes;
    this.varies = Uint8Array.from(places, ({ varies }) => (varies ? 1 : 0));
    this.roots = new Int32Array(cut.skeletons.groupsOf.length);
  }

  /** The code of the shape of bytes[start, end), the next row that was cut. */
  next(skeleton: number, start: number, end: number): number {
    const { varies, at } = this;
    const { states } = this.cut;
    const groups = this.cut.skeletons.groupsOf[skeleton]!;
    let node = this.roots[skeleton]!;
    if (node === 0) {
      node = this.add();
      this.roots[skeleton] = node;
    }
    let isOwn = 0;
    for (let k = 0; k < groups.length; k++) {
      const state = states[at + k]!;
      let child = this.children[node * STATES + state]!;
      if (child === 0) {
        child = this.add();
        this.children[node * STATES + state] = child;
      }
      node = child;
      if (state === BARE || state === QUOTED) isOwn |= varies[groups[k]!]!;
    }
    let code = this.codes[node]!;
    if (code === NO_TEXT || isOwn === 1) {
      code = this.make(groups, start, end);
      this.codes[node] = code;
    }
    this.at = at + groups.length;
    return code;
  }

  private make(groups: Int32Array, start: number, end: number): number {
    const { bytes, at } = this;
    const { states } = this.cut;
    const { starts, ends } = this.cut.again(start, end);
    const out = new PageBytes(end - start + 16);
    let from = start;
    for (let k = 0; k < groups.length; k++) {
      const state = states[at + k]!;
      const { column, digits } = this.places[groups[k]!]!;
      const isValue = state === BARE || state === QUOTED;
      if (isValue && column === undefined) continue;
      const quote = bytes[starts[k]!] === QUOTE ? 1 : 0;
      out.raw(bytes.subarray(from, starts[k]! + quote));
      out.u8(isValue ? FIRST_VALUE_MARK + (column ?? 0) : state);
      if (isValue && digits !== undefined) out.u8(FIRST_VALUE_MARK + digits);
      from = ends[k]! - quote;
    }
    out.raw(bytes.subarray(from, end));
    return this.shapes.intern(out.done(), 0, out.sizeBytes);
  }

  private add(): number {
    const node = this.nodes++;
    if (node === this.codes.length) {
      const children = new Int32Array(this.children.length * 2);
      children.set(this.children);
      this.children = children;
      const codes = new Int32Array(this.codes.length * 2).fill(NO_TEXT);
      codes.set(this.codes);
      this.codes = codes;
    }
    return node;
  }
}

// Shapes of JSON texts seen before. A text is cut at its scalars; what stands between them (keys,
// punctuation, white space) is a segment, and segments in order form a path of this tree. Two texts that
// walk the same path differ in scalars only, so the second needs no look at its keys.
import type { ScalarTrace } from "./scalar-trace.ts";

const NODES = 1024;
const SEGMENT_BYTES = 65_536;
const MARKS = 4096;
const SIBLINGS = 12;
/** Texts that find no room before the tree counts as full. */
const PATIENCE = 256;
export const ROOT = 0;

export class ShapeTree {
  /** A node is a segment: segments[from[node], from[node] + length[node]). */
  readonly segments = new Uint8Array(SEGMENT_BYTES);
  readonly words = new DataView(this.segments.buffer);
  readonly from = new Int32Array(NODES);
  readonly length = new Int32Array(NODES);
  /** Children, longest segment first, so that none hides behind its own prefix. -1 ends a chain. */
  readonly first = new Int32Array(NODES).fill(-1);
  readonly next = new Int32Array(NODES).fill(-1);
  /** The slot of the scalar behind the segment or -1; END where nothing is to follow. */
  readonly slot = new Int32Array(NODES);
  /** The wanted containers that open or close in a segment: marks [firstMark, firstMark + marks). */
  readonly firstMark = new Int32Array(NODES);
  readonly marks = new Int32Array(NODES);
  readonly markSlots = new Int32Array(MARKS);
  readonly markKinds = new Uint8Array(MARKS);
  /** Counted from the segment's begin. */
  readonly markAts = new Int32Array(MARKS);
  /** True once much was not learned for want of room. */
  full = false;
  /** Another one after every change. */
  version = 0;
  private refused = 0;
  private nodes = 1;
  private used = 0;
  private usedMarks = 0;

  /** How many nodes there are, the root among them. */
  get size(): number {
    return this.nodes;
  }

  clear(): void {
    this.version++;
    this.first.fill(-1);
    this.next.fill(-1);
    this.full = false;
    this.refused = 0;
    this.nodes = 1;
    this.used = 0;
    this.usedMarks = 0;
  }

  /** Adds a text by its complete trace. */
  learn(trace: ScalarTrace, bytes: Uint8Array, from: number, until: number): void {
    let node = ROOT;
    let at = from;
    let mark = 0;
    for (let k = 0; k <= trace.count && node >= 0; k++) {
      const last = k === trace.count;
      const before = this.nodes;
      const end = last ? until : trace.starts[k]!;
      let marks = mark;
      while (marks < trace.marks && trace.markScalars[marks] === k) marks++;
      if (this.usedMarks + marks - mark > MARKS) {
        this.refuse();
        return;
      }
      node = this.child(node, bytes, at, end, last ? END : trace.slots[k]!);
      // What is known already has its marks: equal bytes at an equal place open and close the same.
      if (node >= before) this.takeMarks(node, trace, mark, marks, at);
      mark = marks;
      if (!last) at = trace.ends[k]!;
    }
  }

  private takeMarks(
    node: number,
    trace: ScalarTrace,
    from: number,
    until: number,
    at: number,
  ): void {
    this.firstMark[node] = this.usedMarks;
    this.marks[node] = until - from;
    for (let m = from; m < until; m++, this.usedMarks++) {
      this.markSlots[this.usedMarks] = trace.markSlots[m]!;
      this.markKinds[this.usedMarks] = trace.markKinds[m]!;
      this.markAts[this.usedMarks] = trace.markAts[m]! - at;
    }
  }

  private refuse(): void {
    this.full = ++this.refused >= PATIENCE;
  }

  private child(
    parent: number,
    bytes: Uint8Array,
    from: number,
    until: number,
    slot: number,
  ): number {
    const length = until - from;
    let before = -1;
    let siblings = 0;
    for (let n = this.first[parent]!; n >= 0; n = this.next[n]!, siblings++) {
      if (this.length[n]! >= length) before = n;
      if (this.same(n, bytes, from, length, slot)) return n;
    }
    const room = this.nodes < NODES && this.used + length <= SEGMENT_BYTES;
    if (siblings === SIBLINGS || !room) {
      this.refuse();
      return -1;
    }
    this.version++;
    const node = this.nodes++;
    this.segments.set(bytes.subarray(from, until), this.used);
    this.from[node] = this.used;
    this.length[node] = length;
    this.slot[node] = slot;
    this.used += length;
    this.next[node] = before < 0 ? this.first[parent]! : this.next[before]!;
    if (before < 0) this.first[parent] = node;
    else this.next[before] = node;
    return node;
  }

  private same(n: number, bytes: Uint8Array, from: number, length: number, slot: number): boolean {
    if (this.length[n] !== length || this.slot[n] !== slot) return false;
    for (let i = 0, s = this.from[n]!; i < length; i++) {
      if (this.segments[s + i] !== bytes[from + i]) return false;
    }
    return true;
  }
}

/** The slot of a node that ends the text. */
export const END = -2;

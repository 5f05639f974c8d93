// The tree of segments: a node is a segment of its parent, and says what scalar stands behind it. Room grows
// up to a bound; what finds none is not added.

const MOST_NODES = 8192;
const MOST_BYTES = 1 << 20;
/** Children that are looked through for one that follows. */
const SIBLINGS = 64;
export const ROOT = 0;
/** The group of a node that ends the text. */
export const END = -1;
const NONE = -1;

export class SkeletonTree {
  segments = new Uint8Array(2048);
  words = new DataView(this.segments.buffer);
  /** A node's segment is segments[from[node], from[node] + length[node]). */
  from = new Int32Array(64);
  length = new Int32Array(64);
  /** Children, longest segment first, so that none hides behind its own prefix. -1 ends a chain. */
  first = new Int32Array(64).fill(NONE);
  next = new Int32Array(64).fill(NONE);
  parent = new Int32Array(64);
  /** Of the scalar behind the segment, or END. */
  group = new Int32Array(64);
  /** Of a node that ends the text; -1: none yet. */
  skeleton = new Int32Array(64).fill(NONE);
  private nodes = 1;
  private used = 0;

  /** The child of `parent` with that segment, or -1: there is none. */
  find(parent: number, bytes: Uint8Array, from: number, until: number, isEnd: boolean): number {
    const { length, group, first, next } = this;
    for (let n = first[parent]!; n >= 0; n = next[n]!) {
      if (length[n] === until - from && (group[n] === END) === isEnd && this.same(n, bytes, from))
        return n;
    }
    return NONE;
  }

  /** Adds a child; -1 where there is no room. */
  add(parent: number, bytes: Uint8Array, from: number, until: number, group: number): number {
    const length = until - from;
    let before = NONE;
    let siblings = 0;
    for (let n = this.first[parent]!; n >= 0; n = this.next[n]!, siblings++) {
      if (this.length[n]! >= length) before = n;
    }
    if (siblings === SIBLINGS || this.nodes === MOST_NODES || this.used + length > MOST_BYTES)
      return NONE;
    if (this.nodes === this.from.length) this.widenNodes();
    if (this.used + length > this.segments.length) this.widenSegments(this.used + length);
    const node = this.nodes++;
    this.segments.set(bytes.subarray(from, until), this.used);
    this.from[node] = this.used;
    this.length[node] = length;
    this.parent[node] = parent;
    this.group[node] = group;
    this.used += length;
    this.next[node] = before < 0 ? this.first[parent]! : this.next[before]!;
    if (before < 0) this.first[parent] = node;
    else this.next[before] = node;
    return node;
  }

  /** Whether bytes[i, until) goes on with the segment of `n`. */
  follows(n: number, bytes: Uint8Array, view: DataView, i: number, until: number): boolean {
    const length = this.length[n]!;
    const end = i + length;
    if (this.group[n] === END ? end !== until : end > until) return false;
    if (length < 4) return this.same(n, bytes, i);
    const { words } = this;
    let s = this.from[n]!;
    const tail = s + length - 4;
    if (view.getInt32(end - 4, true) !== words.getInt32(tail, true)) return false;
    for (let j = i; s < tail; j += 4, s += 4) {
      if (view.getInt32(j, true) !== words.getInt32(s, true)) return false;
    }
    return true;
  }

  private same(n: number, bytes: Uint8Array, from: number): boolean {
    const { segments } = this;
    const end = from + this.length[n]!;
    for (let i = from, s = this.from[n]!; i < end; i++, s++) {
      if (segments[s] !== bytes[i]) return false;
    }
    return true;
  }

  private widenNodes(): void {
    const room = 2 * this.from.length;
    const wider = (old: Int32Array, fill = 0): Int32Array<ArrayBuffer> => {
      const out = new Int32Array(room).fill(fill);
      out.set(old);
      return out;
    };
    this.from = wider(this.from);
    this.length = wider(this.length);
    this.first = wider(this.first, NONE);
    this.next = wider(this.next, NONE);
    this.parent = wider(this.parent);
    this.group = wider(this.group);
    this.skeleton = wider(this.skeleton, NONE);
  }

  private widenSegments(least: number): void {
    const wider = new Uint8Array(Math.max(least, 2 * this.segments.length));
    wider.set(this.segments);
    this.segments = wider;
    this.words = new DataView(wider.buffer);
  }
}

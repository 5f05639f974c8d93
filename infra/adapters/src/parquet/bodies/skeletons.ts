// JSON bodies cut at their scalars. What stands between them (keys, punctuation, white space) is a segment;
// segments in order are a path of a tree and one such path a skeleton, so that a body like one seen before is
// cut without a look at its grammar. Every scalar is checked, so a body that is cut is a JSON text.
import {
  compilePaths,
  JsonScanner,
  literalEnd,
  numberEnd,
  plainEnd,
  SCAN_OK,
  ScalarTrace,
  stringEnd,
  UNLIMITED_DEPTH,
} from "@tandem/shared-logic";

const NODES = 8192;
const SEGMENT_BYTES = 1 << 20;
/** Bodies that are scanned without being known; those that come after them and are not are left whole. */
const LEARNED = 4096;
/** Children that are looked through for one that follows. */
const SIBLINGS = 64;
const SCALARS = 128;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
export const NO_SKELETON = -1;

/** The scalars that stand behind equal keys; of keys that stand in a body more than once, each apart. */
export interface ScalarGroup {
  readonly key: string;
  readonly id: number;
}

export class Skeletons {
  readonly groups: ScalarGroup[] = [];
  /** By skeleton: the groups of its scalars. */
  readonly groupsOf: Int32Array[] = [];
  /** Scalars of the last body cut: tokens [starts[k], ends[k]). */
  count = 0;
  readonly starts = new Int32Array(SCALARS);
  readonly ends = new Int32Array(SCALARS);
  private readonly scanner = new JsonScanner(compilePaths([]), UNLIMITED_DEPTH);
  private readonly trace = new ScalarTrace();
  private readonly groupByName = new Map<string, ScalarGroup>();
  private readonly segments = new Uint8Array(SEGMENT_BYTES);
  private readonly words = new DataView(this.segments.buffer);
  private used = 0;
  private nodes = 1;
  private learned = 0;
  private readonly from = new Int32Array(NODES);
  private readonly length = new Int32Array(NODES);
  /** Children, longest segment first, so that none hides behind its own prefix. -1 ends a chain. */
  private readonly first = new Int32Array(NODES).fill(-1);
  private readonly next = new Int32Array(NODES).fill(-1);
  private readonly parent = new Int32Array(NODES);
  /** The group of the scalar behind the segment; -1 where the body ends. */
  private readonly group = new Int32Array(NODES);
  private readonly skeleton = new Int32Array(NODES).fill(NO_SKELETON);

  /** The skeleton of `bytes[from, until)`, its scalars in starts and ends; NO_SKELETON: no JSON, or too unlike. */
  cut(bytes: Uint8Array, view: DataView, from: number, until: number): number {
    const known = this.match(bytes, view, from, until);
    if (known !== NO_SKELETON || this.learned >= LEARNED) return known;
    this.learned++;
    const { trace, scanner } = this;
    trace.clear();
    scanner.trace = trace;
    const verdict = scanner.scan(bytes, from, until);
    scanner.trace = undefined;
    if (verdict !== SCAN_OK || trace.count > SCALARS) return NO_SKELETON;
    return this.learn(bytes, from, until);
  }

  private match(bytes: Uint8Array, view: DataView, from: number, until: number): number {
    const { first, next, length, group, starts, ends } = this;
    let node = 0;
    let count = 0;
    for (let i = from; ; ) {
      node = first[node]!;
      while (node >= 0 && !this.follows(node, bytes, view, i, until)) node = next[node]!;
      if (node < 0) return NO_SKELETON;
      i += length[node]!;
      if (group[node]! < 0) {
        this.count = count;
        return this.skeleton[node]!;
      }
      if (i >= until || count === SCALARS) return NO_SKELETON;
      const end = scalarEnd(bytes, i, until);
      if (end < 0) return NO_SKELETON;
      starts[count] = i;
      ends[count++] = end;
      i = end;
    }
  }

  private follows(n: number, bytes: Uint8Array, view: DataView, i: number, until: number): boolean {
    const length = this.length[n]!;
    const end = i + length;
    if (this.group[n]! < 0 ? end !== until : end > until) return false;
    let s = this.from[n]!;
    if (length < 4) {
      const { segments } = this;
      for (let j = i; j < end; j++, s++) if (bytes[j] !== segments[s]) return false;
      return true;
    }
    const { words } = this;
    const tail = s + length - 4;
    if (view.getInt32(end - 4, true) !== words.getInt32(tail, true)) return false;
    for (let j = i; s < tail; j += 4, s += 4) {
      if (view.getInt32(j, true) !== words.getInt32(s, true)) return false;
    }
    return true;
  }

  private learn(bytes: Uint8Array, from: number, until: number): number {
    const { trace } = this;
    let node = 0;
    let at = from;
    for (let k = 0; k <= trace.count; k++) {
      const isEnd = k === trace.count;
      node = this.child(node, bytes, at, isEnd ? until : trace.starts[k]!, isEnd);
      if (node < 0) return NO_SKELETON;
      if (isEnd) break;
      this.starts[k] = trace.starts[k]!;
      this.ends[k] = trace.ends[k]!;
      at = trace.ends[k]!;
    }
    this.count = trace.count;
    if (this.skeleton[node]! === NO_SKELETON) {
      this.skeleton[node] = this.groupsOf.length;
      this.groupsOf.push(this.groupsTo(node));
    }
    return this.skeleton[node]!;
  }

  private groupsTo(end: number): Int32Array {
    const groups: number[] = [];
    for (let n = this.parent[end]!; n > 0; n = this.parent[n]!) groups.push(this.group[n]!);
    return Int32Array.from(groups.reverse());
  }

  private child(parent: number, bytes: Uint8Array, from: number, to: number, end: boolean): number {
    const length = to - from;
    let before = -1;
    let siblings = 0;
    for (let n = this.first[parent]!; n >= 0; n = this.next[n]!, siblings++) {
      if (this.length[n]! >= length) before = n;
      if (this.same(n, bytes, from, length, end)) return n;
    }
    if (siblings === SIBLINGS || this.nodes === NODES || this.used + length > SEGMENT_BYTES) return -1;
    const node = this.nodes++;
    this.segments.set(bytes.subarray(from, to), this.used);
    this.from[node] = this.used;
    this.length[node] = length;
    this.parent[node] = parent;
    this.used += length;
    this.group[node] = end ? -1 : this.groupOf(parent, keyBefore(bytes, from, to));
    this.next[node] = before < 0 ? this.first[parent]! : this.next[before]!;
    if (before < 0) this.first[parent] = node;
    else this.next[before] = node;
    return node;
  }

  private same(n: number, bytes: Uint8Array, from: number, length: number, end: boolean): boolean {
    if (this.length[n] !== length || this.group[n]! < 0 !== end) return false;
    for (let i = 0, s = this.from[n]!; i < length; i++) {
      if (this.segments[s + i] !== bytes[from + i]) return false;
    }
    return true;
  }

  /** `key`: undefined in an array, whose scalars are of the key in front of it. */
  private groupOf(parent: number, key: string | undefined): number {
    const own = key ?? (parent > 0 ? this.groups[this.group[parent]!]!.key : "");
    let nth = 0;
    for (let n = parent; n > 0; n = this.parent[n]!) {
      if (this.groups[this.group[n]!]!.key === own) nth++;
    }
    const name = `${nth} ${own}`;
    let group = this.groupByName.get(name);
    if (!group) {
      group = { key: own, id: this.groups.length };
      this.groups.push(group);
      this.groupByName.set(name, group);
    }
    return group.id;
  }
}

/** The end of the scalar at `at`, or less than 0. */
function scalarEnd(bytes: Uint8Array, at: number, until: number): number {
  const c = bytes[at]!;
  if (c === QUOTE) {
    const special = plainEnd(bytes, at + 1, until);
    if (special < until && bytes[special] === QUOTE) return special + 1;
    return stringEnd(bytes, special, until);
  }
  if (c === 0x2d || (c >= 0x30 && c <= 0x39)) return numberEnd(bytes, at, until);
  return literalEnd(bytes, at, until);
}

/** The last key of a segment, as it stands there. */
function keyBefore(bytes: Uint8Array, from: number, until: number): string | undefined {
  let colon = until - 1;
  while (colon >= from && bytes[colon] !== COLON) {
    // An array's elements, or a key without a colon of its own behind it.
    if (bytes[colon] === QUOTE) return undefined;
    colon--;
  }
  let end = colon - 1;
  while (end > from && bytes[end] !== QUOTE) end--;
  let start = end - 1;
  while (start >= from && !(bytes[start] === QUOTE && bytes[start - 1] !== BACKSLASH)) start--;
  if (start < from) return undefined;
  return Buffer.from(bytes.subarray(start + 1, end)).toString("latin1");
}

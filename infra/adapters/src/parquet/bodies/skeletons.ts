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
import { END, ROOT, SkeletonTree } from "./skeleton-tree.ts";

/** Bodies that are scanned without being known; those that come after them and are not are left whole. */
const LEARNED = 1024;
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
  private readonly tree = new SkeletonTree();
  private learned = 0;

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
    const { tree, starts, ends } = this;
    const { first, next, length, group } = tree;
    let node = ROOT;
    let count = 0;
    for (let i = from; ; ) {
      node = first[node]!;
      while (node >= 0 && !tree.follows(node, bytes, view, i, until)) node = next[node]!;
      if (node < 0) return NO_SKELETON;
      i += length[node]!;
      if (group[node] === END) {
        this.count = count;
        return tree.skeleton[node]!;
      }
      if (i >= until || count === SCALARS) return NO_SKELETON;
      const end = scalarEnd(bytes, i, until);
      if (end < 0) return NO_SKELETON;
      starts[count] = i;
      ends[count++] = end;
      i = end;
    }
  }

  private learn(bytes: Uint8Array, from: number, until: number): number {
    const { trace, tree } = this;
    let node = ROOT;
    let at = from;
    for (let k = 0; k <= trace.count; k++) {
      const isEnd = k === trace.count;
      const to = isEnd ? until : trace.starts[k]!;
      const known = tree.find(node, bytes, at, to, isEnd);
      if (known >= 0) node = known;
      else {
        const group = isEnd ? END : this.groupOf(node, keyBefore(bytes, at, to));
        node = tree.add(node, bytes, at, to, group);
        if (node < 0) return NO_SKELETON;
      }
      if (isEnd) break;
      this.starts[k] = trace.starts[k]!;
      this.ends[k] = trace.ends[k]!;
      at = trace.ends[k]!;
    }
    this.count = trace.count;
    if (tree.skeleton[node]! === NO_SKELETON) {
      tree.skeleton[node] = this.groupsOf.length;
      this.groupsOf.push(this.groupsTo(node));
    }
    return tree.skeleton[node]!;
  }

  private groupsTo(end: number): Int32Array {
    const { parent, group } = this.tree;
    const groups: number[] = [];
    for (let n = parent[end]!; n !== ROOT; n = parent[n]!) groups.push(group[n]!);
    return Int32Array.from(groups.reverse());
  }

  /** `key`: undefined in an array, whose scalars are of the key in front of it. */
  private groupOf(before: number, key: string | undefined): number {
    const { parent, group: groups } = this.tree;
    const keyOf = (node: number): string => this.groups[groups[node]!]!.key;
    const own = key ?? (before === ROOT ? "" : keyOf(before));
    let nth = 0;
    for (let n = before; n !== ROOT; n = parent[n]!) if (keyOf(n) === own) nth++;
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

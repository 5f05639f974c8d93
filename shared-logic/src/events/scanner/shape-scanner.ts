// JsonScanner for texts that look alike: keys and punctuation are compared, four bytes at a time, with
// shapes seen before, and only scalars are read. Same verdict, same slots; what matches no shape goes
// through JsonScanner, and is learned.
import {
  FIELD_ABSENT,
  FIELD_FALSE,
  FIELD_NESTED,
  FIELD_NULL,
  FIELD_NUMBER,
  FIELD_TEXT,
  FIELD_TRUE,
} from "../event-columns.ts";
import { EventKernel, KERNEL_ROWS, type RunTexts } from "../kernels/event-kernel.ts";
import { chosenKernels, type Kernels } from "../kernels/kernel-choice.ts";
import {
  literalEnd,
  numberEnd,
  SCAN_NOT_JSON,
  SCAN_OK,
  spaceEnd,
  stringEnd,
} from "./json-grammar.ts";
import { JsonScanner } from "./json-scanner.ts";
import type { PathTrie } from "./path-trie.ts";
import { OPENS, ScalarTrace } from "./scalar-trace.ts";
import { END, ROOT, ShapeTree } from "./shape-tree.ts";
import { type Marker, nextMarked, plainMarker } from "./special-bytes.ts";

const QUOTE = 0x22;
const CLOSE_ARRAY = 0x5d;
const NO_SHAPE = -1;
/** Texts scanned plainly before shapes are tried anew, where few texts were of a known one. */
const PAUSE = 16_384;
/** Rows that the kernel tries first after a shape was learned. */
const FEW_ROWS = 64;
const NO_BYTES = new Uint8Array(0);
const NO_WORDS = new Uint32Array(0);

export class ShapeScanner {
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly escaped: Uint8Array;
  private readonly plain: JsonScanner;
  private readonly trace = new ScalarTrace();
  private readonly tree = new ShapeTree();
  /** Made when first needed; undefined where there is none. */
  private kernel: EventKernel | undefined;
  private marker: Marker | undefined;
  private readonly kernels: Kernels | undefined;
  /** Marks of bytes[markedFrom, markedUntil). */
  private words: Uint32Array = NO_WORDS;
  private markedFrom = 0;
  private markedUntil = -1;
  private bytes: Uint8Array = NO_BYTES;
  private view: DataView = new DataView(NO_BYTES.buffer);
  private pause = 0;
  private atOnce = KERNEL_ROWS;
  /** A shape was learned since rows were scanned last: those behind it may be known by now. */
  hasLearned = false;
  /** Texts that matched a shape, and those that did not, since shapes were last forgotten. */
  private matched = 0;
  private unmatched = 0;

  /** `kernels`: instead of those chosen for the process. */
  constructor(trie: PathTrie, depthLimit?: number, kernels?: Kernels) {
    this.kernels = kernels;
    this.plain = new JsonScanner(trie, depthLimit);
    this.kinds = this.plain.kinds;
    this.starts = this.plain.starts;
    this.ends = this.plain.ends;
    this.escaped = this.plain.escaped;
  }

  /**
   * Says that texts of `bytes[from, until)` are to be scanned, so that this is prepared for all of them at
   * once. The bytes must not change before `end`. Texts elsewhere may be scanned too, each prepared by itself.
   */
  begin(bytes: Uint8Array, from: number, until: number): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.marker ??= this.makeMarker();
    // The kernel looks for strings' ends itself; marks are made where a text is left to its twin.
    this.words = this.kernel ? NO_WORDS : this.marker.mark(bytes, from, until);
    this.kernel?.begin(bytes, from, until);
    this.markedFrom = from;
    this.markedUntil = until;
  }

  end(): void {
    this.bytes = NO_BYTES;
    this.markedUntil = -1;
  }

  private makeMarker(): Marker {
    if ((this.kernels ?? chosenKernels()) === "fast")
      this.kernel = EventKernel.create(this.kinds.length);
    return this.kernel ?? plainMarker();
  }

  /** How many of the `left` rows are best scanned next: few where shapes are being learned, as little is tried in vain then. */
  rowsAtOnce(left: number): number {
    return Math.min(left, this.atOnce);
  }

  /**
   * Scans rows [row, row + count), at most KERNEL_ROWS of them, of texts in what `begin` prepared, all at once: what
   * is known of them stands in the kernel given back, until the next call of anything here; rows that it
   * does not know are to be scanned one by one. Undefined without a kernel, or where few texts look alike.
   */
  scanRows(
    starts: Int32Array,
    ends: Int32Array,
    row: number,
    count: number,
  ): EventKernel | undefined {
    const { kernel } = this;
    if (kernel === undefined || this.pause > 0) return undefined;
    this.matched += kernel.match(this.tree, starts, ends, row, count);
    this.hasLearned = false;
    this.atOnce = Math.min(KERNEL_ROWS, 2 * this.atOnce);
    return kernel;
  }

  /**
   * Scans texts in what `begin` prepared, from `at` on where one begins, as the kernel's rows 0, 1, …: see
   * EventKernel.walk. Undefined as of scanRows.
   */
  scanRun(
    texts: RunTexts,
    at: number,
    until: number,
    most: number,
  ): { readonly kernel: EventKernel; readonly rows: number; readonly next: number } | undefined {
    const { kernel } = this;
    if (kernel === undefined || this.pause > 0) return undefined;
    const { rows, next } = kernel.walk(this.tree, texts, at, until, most);
    this.matched += rows;
    return { kernel, rows, next };
  }

  /** Whether `begin` prepared all of these bytes, and `end` did not follow. */
  hasBegun(bytes: Uint8Array): boolean {
    return this.bytes === bytes && this.markedFrom === 0 && this.markedUntil === bytes.length;
  }

  /** As JsonScanner.scan. */
  scan(bytes: Uint8Array, from: number, until: number): number {
    const end = this.scanValue(bytes, from, until);
    if (end < 0) return end;
    return spaceEnd(bytes, end, until) === until ? SCAN_OK : SCAN_NOT_JSON;
  }

  /** As JsonScanner.scanValue. */
  scanValue(bytes: Uint8Array, from: number, until: number): number {
    const end = this.known(bytes, from, until);
    return end >= 0 ? end : this.learn(bytes, from, until);
  }

  /** The end of the value at `from` by the shapes seen before, or NO_SHAPE. */
  private known(bytes: Uint8Array, from: number, until: number): number {
    if (this.pause > 0) {
      this.pause--;
      return NO_SHAPE;
    }
    const prepared = this.bytes === bytes && from >= this.markedFrom && until <= this.markedUntil;
    if (!prepared) this.begin(bytes, from, until);
    const end = this.match(bytes, from, until);
    if (!prepared) this.end();
    if (end >= 0) this.matched++;
    return end;
  }

  /** Reads plainly, and remembers the shape. */
  private learn(bytes: Uint8Array, from: number, until: number): number {
    if (this.pause > 0) return this.plain.scanValue(bytes, from, until);
    this.unmatched++;
    this.trace.clear();
    this.plain.trace = this.trace;
    const end = this.plain.scanValue(bytes, from, until);
    this.plain.trace = undefined;
    // A number at the end of a text could go on in another text: only what closes by itself is learned.
    if (end >= 0 && this.trace.complete && bytes[end - 1]! >= CLOSE_ARRAY) {
      const { version } = this.tree;
      this.tree.learn(this.trace, bytes, from, end);
      if (this.tree.version !== version) {
        this.hasLearned = true;
        this.atOnce = FEW_ROWS;
      }
      if (this.tree.full) this.forget();
    }
    return end;
  }

  private forget(): void {
    if (this.matched < this.unmatched) this.pause = PAUSE;
    this.tree.clear();
    this.matched = 0;
    this.unmatched = 0;
  }

  private applyMarks(node: number, at: number): void {
    const { kinds, starts, ends, tree } = this;
    const from = tree.firstMark[node]!;
    for (let m = from; m < from + tree.marks[node]!; m++) {
      const slot = tree.markSlots[m]!;
      if (tree.markKinds[m] === OPENS) {
        kinds[slot] = FIELD_NESTED;
        starts[slot] = at + tree.markAts[m]!;
      } else ends[slot] = at + tree.markAts[m]!;
    }
  }

  /** The end of the value, where it follows a known shape to its end; else the slots mean nothing. */
  private match(bytes: Uint8Array, from: number, until: number): number {
    const { kinds, starts, ends, escaped, view, tree, markedFrom } = this;
    // Not made yet, or the kernel's memory has grown since.
    if (this.words.length === 0 && this.kernel) this.words = this.kernel.words;
    const { words } = this;
    const { first, next, length, slot: slots } = tree;
    for (let s = 0; s < kinds.length; s++) kinds[s] = FIELD_ABSENT;
    let i = from;
    let node = ROOT;
    for (;;) {
      node = first[node]!;
      while (node >= 0 && !follows(tree, node, bytes, view, i, until)) node = next[node]!;
      if (node < 0) return NO_SHAPE;
      if (tree.marks[node]! > 0) this.applyMarks(node, i);
      i += length[node]!;
      const slot = slots[node]!;
      if (slot === END) return i;
      if (i >= until) return NO_SHAPE;
      const start = i;
      const c = bytes[i]!;
      if (c === QUOTE) {
        const special = nextMarked(words, i + 1 - markedFrom, until - markedFrom) + markedFrom;
        if (special >= until) return NO_SHAPE;
        i = special + 1;
        let backslash = 0;
        if (bytes[special] !== QUOTE) {
          i = stringEnd(bytes, special, until);
          if (i < 0) return NO_SHAPE;
          if (slot >= 0) backslash = bytes.subarray(special, i).includes(0x5c) ? 1 : 0;
        }
        if (slot >= 0) {
          kinds[slot] = FIELD_TEXT;
          starts[slot] = start + 1;
          ends[slot] = i - 1;
          escaped[slot] = backslash;
        }
        continue;
      }
      let kind = FIELD_NUMBER;
      if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
        i = numberEnd(bytes, start, until);
      } else {
        i = literalEnd(bytes, start, until);
        kind = c === 0x74 ? FIELD_TRUE : c === 0x66 ? FIELD_FALSE : FIELD_NULL;
      }
      if (i < 0) return NO_SHAPE;
      if (slot >= 0) {
        kinds[slot] = kind;
        starts[slot] = start;
        ends[slot] = i;
      }
    }
  }
}

/** Whether the text goes on with the segment of `node` at `i`. */
function follows(
  tree: ShapeTree,
  node: number,
  bytes: Uint8Array,
  view: DataView,
  i: number,
  until: number,
): boolean {
  const length = tree.length[node]!;
  const end = i + length;
  if (end > until) return false;
  const { words } = tree;
  let s = tree.from[node]!;
  if (length < 4) {
    const { segments } = tree;
    for (let j = i; j < end; j++, s++) if (bytes[j] !== segments[s]) return false;
    return true;
  }
  const tail = s + length - 4;
  if (view.getInt32(end - 4, true) !== words.getInt32(tail, true)) return false;
  for (let j = i; s < tail; j += 4, s += 4) {
    if (view.getInt32(j, true) !== words.getInt32(s, true)) return false;
  }
  return true;
}

// The kernel of assembly/text-kernel.as: the codes of many texts at once, as TextKeys gives them, in a memory of its
// own. Texts of more than eight bytes are found by a hash and then compared here, where the store is; the few that only
// share one with another text, and those too long for the memory, are looked up by the twin.

import { TextKeys } from "../text-keys.ts";
import type { TextSlices } from "../text-slices.ts";
import type { TextStore } from "../text-store.ts";
import { TEXT_KERNEL_MODULE } from "./text-kernel-module.ts";
import { unlikeTexts } from "./unlike-texts.ts";
import { instanceOf, type Memory, moduleOf, PAGE_BYTES, webAssembly } from "./web-assembly.ts";

interface Kernel {
  find(sizeBytes: number, most: number, every: number): number;
  intern(count: number, prefix: number, size: number, seatBits: number): number;
  widen(seatBits: number): void;
  forget(seatBits: number): void;
}

const FIRST_SEAT_BITS = 13;
/** Room is made at once for as many texts as come first, up to so many seats: they may be few, many times. */
const MOST_EXPECTED_BITS = 18;
const SEAT_BYTES = 16;
/** Where fewer texts than this lie together, they are brought together. */
const FEW = 32;
const NOWHERE = -1;
const IN_FRONT = -1;

const isFull = (texts: number, seatBits: number): boolean => 4 * texts > 3 * 2 ** seatBits;

/** So many are kept for the next ones, none of a larger memory. */
const MOST_KEPT = 4;
const MOST_KEPT_BYTES = 2 ** 26;

const compiled = moduleOf(TEXT_KERNEL_MODULE);

/** Those that were released: their memory is there already, and writing to what is new costs more than finding texts in it. */
const kept: TextKernel[] = [];

export class TextKernel {
  private readonly memory: Memory;
  private readonly kernel: Kernel;
  private readonly at: Readonly<Record<string, number>>;
  private seatBits = FIRST_SEAT_BITS;
  private starts!: Int32Array;
  private ends!: Int32Array;
  private codes!: Int32Array;
  private checks!: Int32Array;
  private newEnds!: Int32Array;
  private source!: Uint8Array;
  private newBytes!: Uint8Array;
  /** Knows the texts that the memory does not, and no others. */
  private readonly odd = new TextKeys();

  /** For all that `store` holds now, and `expected` texts; undefined where the engine cannot run it, or some text needs the twin. */
  static create(store: TextStore, expected = 0): TextKernel | undefined {
    const module = compiled();
    if (!module || !webAssembly) return undefined;
    try {
      const used = kept.pop();
      const kernel = used ?? new TextKernel(module, new webAssembly.Memory({ initial: 8 }));
      kernel.begin(expected);
      if (used) kernel.clear();
      if (kernel.takeIn(store)) return kernel;
      kernel.release();
      return undefined;
    } catch {
      // No room for one more memory.
      return undefined;
    }
  }

  private constructor(module: object, memory: Memory) {
    const { exports, constants } = instanceOf(module, memory);
    this.memory = memory;
    this.kernel = exports as unknown as Kernel;
    this.at = constants;
  }

  private begin(expected: number): void {
    this.seatBits = FIRST_SEAT_BITS;
    while (this.seatBits < MOST_EXPECTED_BITS && isFull(expected, this.seatBits)) this.seatBits++;
    this.reach(this.at["TABLE"]! + (SEAT_BYTES << this.seatBits));
    this.lookAnew();
  }

  /** See Interner.internAll. */
  internAll(
    store: TextStore,
    texts: TextSlices,
    count: number,
    codes: Int32Array,
    prefix: number,
  ): void {
    const { packed } = texts;
    const every = packed?.lengthBytes ?? IN_FRONT;
    let at = packed?.at ?? NOWHERE;
    for (let first = 0; first < count; ) {
      let n = at === NOWHERE ? 0 : this.bringPacked(texts.bytes, at, every, count - first);
      at = n === 0 ? NOWHERE : at + this.ends[n - 1]!;
      if (n === 0) n = this.bring(texts, first, count, prefix);
      if (n === 0) {
        const { bytes, starts, ends } = texts;
        codes[first] = this.internOdd(store, bytes, starts[first]!, ends[first]!, prefix);
        first++;
        continue;
      }
      this.widenFor(store.size + n);
      const fresh = this.kernel.intern(n, prefix, store.size, this.seatBits);
      store.addAll(this.newBytes, this.newEnds, fresh);
      codes.set(n === this.codes.length ? this.codes : this.codes.subarray(0, n), first);
      const { source, starts, ends, checks } = this;
      const brought = { bytes: source, starts, ends };
      const found = codes.subarray(first, first + n);
      const unlike = unlikeTexts(store, found, checks, checks[checks.length - 1]!, brought, prefix);
      for (let k = 0; k < unlike; k++) {
        const e = checks[k]!;
        found[e] = this.internOdd(store, source, starts[e]!, ends[e]!, prefix);
      }
      first += n;
    }
  }

  /** Gives its memory to the next one that is made. Nobody may use it any more. */
  release(): void {
    const { byteLength } = this.memory.buffer;
    if (kept.length < MOST_KEPT && byteLength <= MOST_KEPT_BYTES) kept.push(this);
  }

  clear(): void {
    this.kernel.forget(this.seatBits);
    this.odd.clear();
  }

  private internOdd(
    store: TextStore,
    bytes: Uint8Array,
    start: number,
    end: number,
    prefix: number,
  ): number {
    const code = new Int32Array(1);
    const one = { bytes, starts: Int32Array.of(start), ends: Int32Array.of(end) };
    this.odd.internAll(store, one, 1, code, prefix);
    return code[0]!;
  }

  /** None where the first is too long, or damaged: then `starts` and `ends` tell. */
  private bringPacked(bytes: Uint8Array, at: number, every: number, count: number): number {
    const { source } = this;
    const until = Math.min(at + source.length, bytes.length);
    source.set(bytes.subarray(at, until));
    const most = Math.min(count, this.starts.length);
    return this.kernel.find(until - at, most, every);
  }

  /** Brings texts from `first` on into the memory, and says how many: none where the first is too long. */
  private bring(
    { bytes: source, starts, ends }: TextSlices,
    first: number,
    count: number,
    prefix: number,
  ): number {
    const most = Math.min(count, first + this.starts.length);
    // Whether a text is too long must not depend on whether its first byte is said apart.
    const room = this.source.length - (prefix === 0 ? 0 : 1);
    const from = starts[first]!;
    let last = first;
    for (; last < most; last++) {
      if (starts[last]! < from || ends[last]! - from > room) break;
      this.starts[last - first] = starts[last]! - from;
      this.ends[last - first] = ends[last]! - from;
    }
    if (last - first < FEW && last < most)
      return this.gather(source, starts, ends, first, most, room);
    let until = from;
    for (let e = first; e < last; e++) if (ends[e]! > until) until = ends[e]!;
    this.source.set(source.subarray(from, until));
    return last - first;
  }

  private gather(
    source: Uint8Array,
    starts: Int32Array,
    ends: Int32Array,
    first: number,
    most: number,
    room: number,
  ): number {
    const into = this.source;
    let [last, at] = [first, 0];
    for (; last < most; last++) {
      const [from, until] = [starts[last]!, ends[last]!];
      if (at + until - from > room) break;
      this.starts[last - first] = at;
      for (let i = from; i < until; i++) into[at++] = source[i]!;
      this.ends[last - first] = at;
    }
    return last - first;
  }

  /** False where a text of the store is too long, or not alone with its key. */
  private takeIn({ bytes, ends, size }: TextStore): boolean {
    const starts = ends.subarray(0, size);
    const until = ends.subarray(1, size + 1);
    for (let first = 0; first < size; ) {
      const n = this.bring({ bytes, starts, ends: until }, first, size, 0);
      this.widenFor(first + n);
      if (n === 0 || this.kernel.intern(n, 0, first, this.seatBits) !== n) return false;
      first += n;
    }
    return true;
  }

  private widenFor(texts: number): void {
    while (isFull(texts, this.seatBits)) {
      this.reach(this.at["TABLE"]! + 3 * SEAT_BYTES * 2 ** this.seatBits);
      this.kernel.widen(this.seatBits);
      this.seatBits++;
      this.lookAnew();
    }
  }

  private reach(sizeBytes: number): void {
    const missing = sizeBytes - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  private lookAnew(): void {
    const { buffer } = this.memory;
    const at = (name: string): number => this.at[name]!;
    const rows = at("ROWS");
    this.starts = new Int32Array(buffer, at("STARTS"), rows);
    this.ends = new Int32Array(buffer, at("ENDS"), rows);
    this.codes = new Int32Array(buffer, at("CODES"), rows);
    // Behind the last stands their number.
    this.checks = new Int32Array(buffer, at("CHECKS"), rows + 1);
    this.newEnds = new Int32Array(buffer, at("NEW_ENDS"), rows);
    this.source = new Uint8Array(buffer, at("SOURCE"), at("SOURCE_BYTES"));
    this.newBytes = new Uint8Array(buffer, at("NEW_BYTES"), at("SOURCE_BYTES") + rows);
  }
}

// The kernel of assembly/id-kernel.as: numbers of event ids that are UUIDs in small letters, in a memory of its own. Other
// texts are OTHER_ID and left to the caller, always the same ones. There are at most MOST_IDS numbers.
import type { TextSlices } from "../text-slices.ts";
import { ID_KERNEL_MODULE } from "./id-kernel-module.ts";
import { instanceOf, type Memory, moduleOf, PAGE_BYTES, webAssembly } from "./web-assembly.ts";

export const OTHER_ID = -2;

export interface Numbered {
  readonly fresh: number;
  readonly others: number;
}

interface Kernel {
  find(sizeBytes: number, most: number, every: number): number;
  number(count: number, size: number, seatBits: number): number;
  forget(seatBits: number): void;
  widen(seatBits: number): void;
  tableOf(seatBits: number): number;
}

/** Room is made at once for as many as are expected, up to so many seats: more may be a mistake. */
const MOST_EXPECTED_BITS = 23;

/** Beyond these the tables do not fit into 4 GB. */
const MOST_BITS = 27;
const MOST_IDS = (3 * 2 ** MOST_BITS) / 4;
const UUID_LENGTH = 36;
const NOWHERE = -1;
const IN_FRONT = -1;

/** A larger memory is not kept for the next one. */
const MOST_KEPT_BYTES = 2 ** 28;

const isFull = (ids: number, seatBits: number): boolean => 4 * ids > 3 * 2 ** seatBits;

const compiled = moduleOf(ID_KERNEL_MODULE);

/** One that was released: its memory is there already, and writing to what is new costs more than anything else here. */
let kept: IdKernel | undefined;

export class IdKernel {
  private readonly memory: Memory;
  private readonly kernel: Kernel;
  private readonly at: Readonly<Record<string, number>>;
  /** Of the first table that is used. */
  private firstBits = 0;
  private seatBits = 0;
  private starts!: Int32Array;
  private ends!: Int32Array;
  private codes!: Int32Array;
  private otherCount!: Int32Array;
  private source!: Uint8Array;

  /** `expected`: how many ids may come. Undefined where the engine cannot run it. */
  static create(expected = 0): IdKernel | undefined {
    const module = compiled();
    if (!module || !webAssembly) return undefined;
    try {
      const used = kept;
      kept = undefined;
      used?.begin(expected);
      return used ?? new IdKernel(module, new webAssembly.Memory({ initial: 8 }), expected);
    } catch {
      // No room for one more memory.
      return undefined;
    }
  }

  private constructor(module: object, memory: Memory, expected: number) {
    const { exports, constants } = instanceOf(module, memory);
    this.memory = memory;
    this.kernel = exports as unknown as Kernel;
    this.at = constants;
    this.begin(expected);
  }

  /** Forgets all ids, and gives its memory to the next one that is made. Nobody may use it any more. */
  release(): void {
    const { byteLength } = this.memory.buffer;
    if (byteLength > MOST_KEPT_BYTES || byteLength < (kept?.memory.buffer.byteLength ?? 0)) return;
    for (let bits = this.firstBits; bits <= this.seatBits; bits++) this.kernel.forget(bits);
    kept = this;
  }

  private begin(expected: number): void {
    this.firstBits = this.at["FIRST_BITS"]!;
    // Tables of fewer seats that nothing was written to are no memory.
    while (this.firstBits < MOST_EXPECTED_BITS && isFull(expected, this.firstBits))
      this.firstBits++;
    this.seatBits = this.firstBits;
    this.reach(this.seatBits);
    this.lookAnew();
  }

  /** Writes the number of each row's id to `codes`; new ones get those from `size` on. How many are new, and of OTHER_ID. */
  number(ids: TextSlices, count: number, codes: Int32Array, size: number): Numbered {
    const { bytes, packed } = ids;
    const every = packed?.lengthBytes ?? IN_FRONT;
    let [fresh, others, at] = [0, 0, packed?.at ?? NOWHERE];
    for (let first = 0; first < count; ) {
      let n = at === NOWHERE ? 0 : this.bringPacked(bytes, at, every, count - first);
      at = n === 0 ? NOWHERE : at + this.ends[n - 1]!;
      if (n === 0) n = this.bring(ids, first, count);
      this.widenFor(size + fresh + n);
      fresh += this.kernel.number(n, size + fresh, this.seatBits);
      others += this.otherCount[0]!;
      codes.set(n === this.codes.length ? this.codes : this.codes.subarray(0, n), first);
      first += n;
    }
    return { fresh, others };
  }

  /** None where the first is too long, or damaged: then `starts` and `ends` tell. */
  private bringPacked(bytes: Uint8Array, at: number, every: number, count: number): number {
    const { source } = this;
    const until = Math.min(at + source.length, bytes.length);
    source.set(bytes.subarray(at, until));
    const most = Math.min(count, this.starts.length);
    return this.kernel.find(until - at, most, every);
  }

  /** Brings texts from `first` on into the memory, and says how many: one at least. */
  private bring({ bytes, starts, ends }: TextSlices, first: number, count: number): number {
    const most = Math.min(count, first + this.starts.length);
    const room = this.source.length;
    let [from, until, last] = [-1, 0, first];
    for (; last < most; last++) {
      const start = starts[last]!;
      const end = ends[last]!;
      const at = last - first;
      // Of another length, and so another one, whatever its bytes.
      if (start < 0 || end - start !== UUID_LENGTH) {
        this.starts[at] = start < 0 ? -1 : 0;
        this.ends[at] = 0;
        continue;
      }
      if (from < 0) from = start;
      if (start < from || end - from > room) break;
      this.starts[at] = start - from;
      this.ends[at] = end - from;
      if (end > until) until = end;
    }
    if (from >= 0) this.source.set(bytes.subarray(from, until));
    return last - first;
  }

  private widenFor(ids: number): void {
    if (ids > MOST_IDS) throw new RangeError(`more than ${MOST_IDS} ids`);
    while (isFull(ids, this.seatBits)) {
      this.reach(this.seatBits + 1);
      this.kernel.widen(this.seatBits);
      this.seatBits++;
      this.lookAnew();
    }
  }

  /** The next table begins where this one, and the ids that it has room for, end. */
  private reach(bits: number): void {
    const missing = (this.kernel.tableOf(bits + 1) >>> 0) - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  private lookAnew(): void {
    const { buffer } = this.memory;
    const at = (name: string): number => this.at[name]!;
    const rows = at("ROWS");
    this.starts = new Int32Array(buffer, at("STARTS"), rows);
    this.ends = new Int32Array(buffer, at("ENDS"), rows);
    this.codes = new Int32Array(buffer, at("CODES"), rows);
    this.otherCount = new Int32Array(buffer, at("OTHER_COUNT"), 1);
    this.source = new Uint8Array(buffer, at("SOURCE"), at("SOURCE_BYTES"));
  }
}

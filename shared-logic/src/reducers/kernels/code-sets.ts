// Sets of codes by slot. What is added is only written down; a counting sort by slot, and what was met of
// each, make sets of it when somebody asks. So no set exists while rows come, and
// memory grows with what was added since the last time: at most as much again as the sets hold, or LOG.
import { MetCodes } from "./met-codes.ts";
import { writeDown } from "./write-down.ts";

const LOG = 1 << 18;
/** In place of a code: the slot was cleared. */
const CLEARED = -1;

export class CodeSets {
  /** Slots [0, room) are usable. */
  private room = 0;
  // What was added since sets were made: pairs.
  private added = 0;
  private addedSlots = new Int32Array(1024);
  private addedCodes = new Int32Array(1024);
  /** The set of a slot is codes[starts[slot], starts[slot] + counts[slot]). */
  private codes = new Int32Array(0);
  private starts = new Int32Array(0);
  private counts = new Int32Array(0);
  private readonly met = new MetCodes();
  /** No code is above it. */
  private maxCode = -1;
  private hasCleared = false;

  grow(slots: number): void {
    this.room = Math.max(this.room, slots);
  }

  /** True where slots were cleared and none has a code. */
  get wasEmptied(): boolean {
    if (!this.hasCleared) return false;
    this.settle();
    return this.codes.length === 0;
  }

  /** Adds codes[rows[i]] to slots[i] for i in [0, n); codes below 0 are none, and all are below `size`. */
  addRows(codes: Int32Array, rows: Uint32Array, slots: Int32Array, n: number, size: number): void {
    this.reserve(n);
    if (size > this.maxCode) this.maxCode = size - 1;
    const { addedSlots, addedCodes, added } = this;
    this.added = writeDown(codes, rows, slots, n, addedSlots, addedCodes, added);
  }

  add(slot: number, code: number): void {
    this.reserve(1);
    if (code > this.maxCode) this.maxCode = code;
    this.addedSlots[this.added] = slot;
    this.addedCodes[this.added++] = code;
  }

  count(slot: number): number {
    this.settle();
    return this.counts[slot] ?? 0;
  }

  /** Copies a slot's codes, in no order, to `out` and returns how many. */
  read(slot: number, out: Int32Array): number {
    this.settle();
    const [start, count] = [this.starts[slot] ?? 0, this.counts[slot] ?? 0];
    for (let i = 0; i < count; i++) out[i] = this.codes[start + i]!;
    return count;
  }

  /** Becomes, slot by slot, the union of those sets s of `finer`, below `n`, for which `slotOf[s]` is the slot. */
  unite(finer: CodeSets, slotOf: Int32Array, n: number): void {
    finer.settle();
    this.added = 0;
    this.hasCleared = false;
    this.maxCode = finer.maxCode;
    const counts = new Int32Array(this.room);
    countSlots(slotOf, n, counts);
    toStarts(counts);
    // Finer slots by the slot that they go to: of each, until where the next one's begin.
    const finerSlots = new Int32Array(n);
    const untils = counts.slice();
    moveNumbers(slotOf, n, finerSlots, untils);
    const starts = new Int32Array(this.room);
    // A code that is no new one is written too, behind those that are.
    const codes = new Int32Array(finer.codes.length + 1);
    let at = 0;
    for (let slot = 0; slot < this.room; slot++) {
      starts[slot] = at;
      at = this.addSets(finer, finerSlots, counts[slot]!, untils[slot]!, codes, at);
      counts[slot] = at - starts[slot]!;
    }
    this.codes = codes.subarray(0, at);
    [this.starts, this.counts] = [starts, counts];
  }

  /** Appends the sets of slots[from, until) of `finer` to `out` from `at` on, each code once; where it ends. */
  private addSets(
    finer: CodeSets,
    slots: Int32Array,
    from: number,
    until: number,
    out: Int32Array,
    at: number,
  ): number {
    const { codes, starts, counts } = finer;
    let count = 0;
    for (let k = from; k < until; k++) count += counts[slots[k]!]!;
    this.met.begin(count, this.maxCode);
    let end = at;
    for (let k = from; k < until; k++) {
      const start = starts[slots[k]!]!;
      end = this.met.addNew(codes, start, start + counts[slots[k]!]!, out, end);
    }
    this.met.forget(out, at, end);
    return end;
  }

  /** Replaces every code by `to[code]`, which must be one to one for codes that occur. */
  rename(to: Int32Array): void {
    this.settle();
    this.maxCode = -1;
    for (const [slot, start] of this.starts.entries()) {
      for (let i = start; i < start + this.counts[slot]!; i++) {
        const code = to[this.codes[i]!]!;
        this.codes[i] = code;
        if (code > this.maxCode) this.maxCode = code;
      }
    }
  }

  /** Every code that is in a set, some of them several times. */
  *used(): Generator<number> {
    this.settle();
    for (const [slot, start] of this.starts.entries()) {
      for (let i = start; i < start + this.counts[slot]!; i++) yield this.codes[i]!;
    }
  }

  /** Written down as well: what came before it is dropped when sets are made. */
  clear(slot: number): void {
    this.add(slot, CLEARED);
    this.hasCleared = true;
  }

  private reserve(n: number): void {
    if (this.added >= Math.max(LOG, this.codes.length)) this.settle();
    const needed = this.added + n;
    if (needed <= this.addedSlots.length) return;
    const length = Math.max(needed, this.addedSlots.length * 2);
    const [slots, codes] = [new Int32Array(length), new Int32Array(length)];
    slots.set(this.addedSlots.subarray(0, this.added));
    codes.set(this.addedCodes.subarray(0, this.added));
    [this.addedSlots, this.addedCodes] = [slots, codes];
  }

  /** Makes sets of what was added. */
  private settle(): void {
    const { added, addedSlots, addedCodes } = this;
    if (added === 0 && this.counts.length >= this.room) return;
    const starts = new Int32Array(this.room);
    starts.set(this.counts);
    countSlots(addedSlots, added, starts);
    const all = new Int32Array(toStarts(starts));
    const ends = starts.slice();
    moveSets(this.codes, this.starts, this.counts, all, ends);
    moveAdded(addedSlots, addedCodes, added, all, ends);
    this.dedupe(all, starts, ends);
    this.added = 0;
    this.hasCleared = this.hasCleared && this.codes.length === 0;
  }

  /** Keeps the first of equal codes within a slot and moves the rest together. */
  private dedupe(
    all: Int32Array<ArrayBuffer>,
    starts: Int32Array<ArrayBuffer>,
    ends: Int32Array<ArrayBuffer>,
  ): void {
    const { met, maxCode, counts } = this;
    let at = 0;
    for (let slot = 0; slot < starts.length; slot++) {
      const until = ends[slot]!;
      let from = starts[slot]!;
      // Most slots are of hours that have passed: what they have are sets already.
      if (slot < counts.length && until - from === counts[slot]) {
        starts[slot] = at;
        if (at < from) copy(all, from, until - from, all, at);
        at += until - from;
        ends[slot] = until - from;
        continue;
      }
      if (this.hasCleared) from = behindCleared(all, from, until);
      starts[slot] = at;
      met.begin(until - from, maxCode);
      at = met.addNew(all, from, until, all, at);
      met.forget(all, starts[slot]!, at);
      ends[slot] = at - starts[slot]!;
    }
    this.codes = all.length > 2 * at ? all.slice(0, at) : all.subarray(0, at);
    [this.starts, this.counts] = [starts, ends];
  }
}

// A loop each: V8 compiles a loop that runs long by itself, and throws that away where it ends inside another.

/** Where what came since the last CLEARED of codes[from, until) begins. */
function behindCleared(codes: Int32Array, from: number, until: number): number {
  let at = until;
  while (at > from && codes[at - 1] !== CLEARED) at--;
  return at;
}

function countSlots(slots: Int32Array, n: number, counts: Int32Array): void {
  for (let i = 0; i < n; i++) counts[slots[i]!]! += 1;
}

/** Makes of how many there are where they begin, one behind the other; how many they are together. */
function toStarts(counts: Int32Array): number {
  let total = 0;
  for (let slot = 0; slot < counts.length; slot++) {
    const count = counts[slot]!;
    counts[slot] = total;
    total += count;
  }
  return total;
}

/** Copies sets to where `ends` says, and moves that behind them. */
function moveSets(
  codes: Int32Array,
  starts: Int32Array,
  counts: Int32Array,
  out: Int32Array,
  ends: Int32Array,
): void {
  for (let slot = 0; slot < counts.length; slot++) {
    copy(codes, starts[slot]!, counts[slot]!, out, ends[slot]!);
    ends[slot]! += counts[slot]!;
  }
}

function copy(from: Int32Array, at: number, n: number, to: Int32Array, start: number): void {
  for (let i = 0; i < n; i++) to[start + i] = from[at + i]!;
}

/** Each code to where its slot's end. */
function moveAdded(
  slots: Int32Array,
  codes: Int32Array,
  n: number,
  out: Int32Array,
  ends: Int32Array,
): void {
  for (let i = 0; i < n; i++) out[ends[slots[i]!]!++] = codes[i]!;
}

/** The same of the numbers 0 … n − 1. */
function moveNumbers(slots: Int32Array, n: number, out: Int32Array, ends: Int32Array): void {
  for (let i = 0; i < n; i++) out[ends[slots[i]!]!++] = i;
}

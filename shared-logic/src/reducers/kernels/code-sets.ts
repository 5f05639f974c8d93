// Sets of codes by slot. What is added is only written down; a counting sort by slot and one array of
// stamps, indexed by code, make sets of it when somebody asks. So no set exists while rows come, and
// memory grows with what was added since the last time: at most as much again as the sets hold, or LOG.
const LOG = 1 << 18;
/** Stamps are 32-bit. */
const MAX_STAMP = 2 ** 31 - 1;
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
  private stamps = new Int32Array(0);
  private stamp = 0;
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

  /** Adds codes[rows[i]] to slots[i] for i in [0, n); codes below 0 are none. */
  addRows(codes: Int32Array, rows: Uint32Array, slots: Int32Array, n: number): void {
    this.reserve(n);
    const { addedSlots, addedCodes } = this;
    let { added, maxCode } = this;
    for (let i = 0; i < n; i++) {
      const code = codes[rows[i]!]!;
      if (code < 0) continue;
      if (code > maxCode) maxCode = code;
      addedSlots[added] = slots[i]!;
      addedCodes[added++] = code;
    }
    this.added = added;
    this.maxCode = maxCode;
  }

  add(slot: number, code: number): void {
    this.reserve(1);
    this.addedSlots[this.added] = slot;
    this.addedCodes[this.added++] = code;
    this.maxCode = Math.max(this.maxCode, code);
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
    // Finer slots by the slot that they go to.
    const firsts = new Int32Array(this.room + 1);
    for (let s = 0; s < n; s++) firsts[slotOf[s]! + 1]! += 1;
    for (let slot = 0; slot < this.room; slot++) firsts[slot + 1]! += firsts[slot]!;
    const finerSlots = new Int32Array(n);
    const next = firsts.slice(0, this.room);
    for (let s = 0; s < n; s++) finerSlots[next[slotOf[s]!]!++] = s;
    const stamps = this.stampsFor(this.room);
    const starts = next;
    const counts = new Int32Array(this.room);
    const theirs = finer.codes;
    const codes = new Int32Array(theirs.length);
    let at = 0;
    for (let slot = 0; slot < this.room; slot++) {
      const stamp = ++this.stamp;
      starts[slot] = at;
      for (let k = firsts[slot]!; k < firsts[slot + 1]!; k++) {
        const s = finerSlots[k]!;
        const until = finer.starts[s]! + finer.counts[s]!;
        for (let i = finer.starts[s]!; i < until; i++) {
          const code = theirs[i]!;
          if (stamps[code] === stamp) continue;
          stamps[code] = stamp;
          codes[at++] = code;
        }
      }
      counts[slot] = at - starts[slot]!;
    }
    this.codes = codes.subarray(0, at);
    [this.starts, this.counts] = [starts, counts];
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
    for (let slot = 0; slot < this.counts.length; slot++) starts[slot] = this.counts[slot]!;
    for (let i = 0; i < added; i++) starts[addedSlots[i]!]! += 1;
    let total = 0;
    for (let slot = 0; slot < starts.length; slot++) {
      const count = starts[slot]!;
      starts[slot] = total;
      total += count;
    }
    const all = new Int32Array(total);
    const ends = starts.slice();
    for (let slot = 0; slot < this.counts.length; slot++) {
      const from = this.starts[slot]!;
      for (let i = from; i < from + this.counts[slot]!; i++) all[ends[slot]!++] = this.codes[i]!;
    }
    for (let i = 0; i < added; i++) all[ends[addedSlots[i]!]!++] = addedCodes[i]!;
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
    const stamps = this.stampsFor(starts.length + all.length);
    let { stamp } = this;
    let at = 0;
    for (let slot = 0; slot < starts.length; slot++) {
      const [from, until] = [starts[slot]!, ends[slot]!];
      stamp++;
      starts[slot] = at;
      for (let i = from; i < until; i++) {
        const code = all[i]!;
        if (code === CLEARED) {
          stamp++;
          at = starts[slot]!;
          continue;
        }
        if (stamps[code] === stamp) continue;
        stamps[code] = stamp;
        all[at++] = code;
      }
      ends[slot] = at - starts[slot]!;
    }
    this.stamp = stamp;
    this.codes = all.length > 2 * at ? all.slice(0, at) : all.subarray(0, at);
    [this.starts, this.counts] = [starts, ends];
  }

  private stampsFor(more: number): Int32Array {
    if (this.stamps.length <= this.maxCode || this.stamp > MAX_STAMP - more) {
      this.stamps = new Int32Array(Math.max(this.maxCode + 1, this.stamps.length));
      this.stamp = 0;
    }
    return this.stamps;
  }
}

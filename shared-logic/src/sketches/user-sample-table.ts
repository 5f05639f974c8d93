// A bottom-k sample of users while it is being filled: an open-addressing table of at most 2k users, cut
// back to the k smallest hashes when full. What it holds always contains the sample, so `sample()` is
// the same whatever came in which order. It knows which users were touched since they were last written.
import type { Hash64, UserSample } from "./user-sample.ts";

const FREE = -1;
/** Typed arrays of up to 64 bytes cost V8 no more than an object; most cells have few users. */
const FEW = 8;

export class UserSampleTable<S> {
  private readonly k: number;
  /** Index of an entry by the low bits of its hash; linear probing, at most half full. */
  private table = new Int32Array(2 * FEW).fill(FREE);
  /** Of entry i: hi at [2 · i], lo at [2 · i + 1]. */
  hashes = new Uint32Array(2 * FEW);
  states: S[] = [];
  /** 1 for an entry that was added or changed since `written`. */
  touched = new Uint8Array(FEW);
  /** Some entry was, or left the sample. */
  changed = false;
  /** Entries ascending by hash; those from `ordered` on are not among them yet. */
  order = new Int32Array(FEW);
  private ordered = 0;
  private over: Hash64 | undefined;

  constructor(k: number) {
    this.k = k;
  }

  /** False where the hash cannot be among the k smallest. */
  admits(hi: number, lo: number): boolean {
    const { over } = this;
    return over === undefined || hi < over.hi || (hi === over.hi && lo < over.lo);
  }

  /** The entry of a hash, -1 where there is none. */
  entryOf(hi: number, lo: number): number {
    return this.table[this.find(hi, lo)]!;
  }

  /** The state of an entry was changed in its place. */
  touch(entry: number): void {
    this.touched[entry] = 1;
    this.changed = true;
  }

  /** Sets the state of a hash that `admits` lets in. */
  set(hi: number, lo: number, state: S): void {
    const at = this.find(hi, lo);
    const entry = this.table[at]!;
    if (entry !== FREE) {
      this.states[entry] = state;
      this.touch(entry);
    } else if (this.states.length === 2 * this.k) {
      this.cutBack();
      if (this.admits(hi, lo)) this.set(hi, lo, state);
    } else this.add(at, hi, lo, state);
  }

  /** How many are kept: the first ones in `order`, which is brought up to date. */
  sort(): number {
    const { hashes } = this;
    const size = this.states.length;
    if (this.ordered < size) {
      const fresh = Array.from({ length: size - this.ordered }, (_, i) => this.ordered + i);
      fresh.sort(
        (a, b) => hashes[2 * a]! - hashes[2 * b]! || hashes[2 * a + 1]! - hashes[2 * b + 1]!,
      );
      this.mergeIn(fresh);
      this.ordered = size;
    }
    if (size <= this.k) return size;
    // Whoever comes from here on is not in the sample: to be let in, a hash must be below.
    const next = this.order[this.k]!;
    this.over = { hi: hashes[2 * next]!, lo: hashes[2 * next + 1]! };
    return this.k;
  }

  /** The smallest hash that is not kept, as of the last `sort`; undefined while every user is kept. */
  get threshold(): Hash64 | undefined {
    return this.over;
  }

  sample(): UserSample<S> {
    const { hashes, states } = this;
    const kept = Array.from(this.order.subarray(0, this.sort()), (entry) => ({
      hi: hashes[2 * entry]!,
      lo: hashes[2 * entry + 1]!,
      state: states[entry]!,
    }));
    return { kept, threshold: this.over };
  }

  /** Replaces everything. */
  load({ kept, threshold }: UserSample<S>): void {
    this.table.fill(FREE);
    this.states = [];
    this.ordered = 0;
    this.over = threshold;
    this.changed = true;
    for (const { hi, lo, state } of kept) this.add(this.find(hi, lo), hi, lo, state);
  }

  /** What is touched stays so. */
  private cutBack(): void {
    const touched = new Set<number>();
    this.sort();
    for (let i = 0; i < this.k; i++) if (this.touched[this.order[i]!] === 1) touched.add(i);
    this.load(this.sample());
    for (let i = 0; i < this.k; i++) this.touched[i] = touched.has(i) ? 1 : 0;
  }

  /** Puts sorted entries in their places among those in order. */
  private mergeIn(fresh: readonly number[]): void {
    const { order, hashes } = this;
    let at = this.states.length - 1;
    let before = this.ordered - 1;
    for (let i = fresh.length - 1; i >= 0; i--) {
      const entry = fresh[i]!;
      const [hi, lo] = [hashes[2 * entry]!, hashes[2 * entry + 1]!];
      for (; before >= 0; before--) {
        const other = order[before]!;
        const otherHi = hashes[2 * other]!;
        if (otherHi < hi || (otherHi === hi && hashes[2 * other + 1]! < lo)) break;
        order[at--] = other;
      }
      order[at--] = entry;
    }
  }

  /** Where the hash stands in `table`, or the free place for it. */
  private find(hi: number, lo: number): number {
    const { table, hashes } = this;
    const mask = table.length - 1;
    for (let i = lo & mask; ; i = (i + 1) & mask) {
      const entry = table[i]!;
      if (entry === FREE) return i;
      if (hashes[2 * entry + 1] === lo && hashes[2 * entry] === hi) return i;
    }
  }

  private add(at: number, hi: number, lo: number, state: S): void {
    const entry = this.states.push(state) - 1;
    if (entry === this.touched.length) this.widen();
    this.hashes[2 * entry] = hi;
    this.hashes[2 * entry + 1] = lo;
    this.table[at] = entry;
    this.touch(entry);
    if (2 * this.states.length > this.table.length) this.widenTable();
  }

  private widen(): void {
    const room = 2 * this.touched.length;
    const [hashes, touched, order] = [this.hashes, this.touched, this.order];
    this.hashes = new Uint32Array(2 * room);
    this.touched = new Uint8Array(room);
    this.order = new Int32Array(room);
    this.hashes.set(hashes);
    this.touched.set(touched);
    this.order.set(order);
  }

  private widenTable(): void {
    this.table = new Int32Array(this.table.length * 2).fill(FREE);
    for (let entry = 0; entry < this.states.length; entry++) {
      this.table[this.find(this.hashes[2 * entry]!, this.hashes[2 * entry + 1]!)] = entry;
    }
  }
}

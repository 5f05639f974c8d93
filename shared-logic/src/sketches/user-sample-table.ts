// A bottom-k sample of users while it is being filled: an open-addressing table of at most 2k users, cut
// back to the k smallest hashes when full. What it holds always contains the sample, so `sample()` is
// the same whatever came in which order.
import { type Hash64, type SampledUser, sampleOf, type UserSample } from "./user-sample.ts";

const FREE = -1;

export class UserSampleTable<S> {
  private readonly k: number;
  /** Index of an entry by the low bits of its hash; linear probing, at most half full. */
  private table = new Int32Array(32).fill(FREE);
  /** Of entry i: hi at [2 · i], lo at [2 · i + 1]. */
  private hashes = new Uint32Array(32);
  private states: S[] = [];
  private threshold: Hash64 | undefined;

  constructor(k: number) {
    this.k = k;
  }

  /** False where the hash cannot be among the k smallest. */
  admits(hi: number, lo: number): boolean {
    const over = this.threshold;
    return over === undefined || hi < over.hi || (hi === over.hi && lo < over.lo);
  }

  get(hi: number, lo: number): S | undefined {
    const entry = this.table[this.find(hi, lo)] ?? FREE;
    return entry === FREE ? undefined : this.states[entry];
  }

  /** Sets the state of a hash that `admits` lets in. */
  set(hi: number, lo: number, state: S): void {
    const at = this.find(hi, lo);
    const entry = this.table[at] ?? FREE;
    if (entry !== FREE) this.states[entry] = state;
    else if (this.states.length === 2 * this.k) {
      this.load(this.sample());
      if (this.admits(hi, lo)) this.set(hi, lo, state);
    } else this.add(at, hi, lo, state);
  }

  sample(): UserSample<S> {
    const users: SampledUser<S>[] = this.states.map((state, i) => ({
      hi: this.hashes[2 * i] ?? 0,
      lo: this.hashes[2 * i + 1] ?? 0,
      state,
    }));
    // Every hash is there once, so no two states ever meet.
    const { kept, threshold } = sampleOf(users, this.k, (state) => state);
    return { kept, threshold: threshold ?? this.threshold };
  }

  /** Replaces everything. */
  load({ kept, threshold }: UserSample<S>): void {
    this.table.fill(FREE);
    this.states = [];
    this.threshold = threshold;
    for (const { hi, lo, state } of kept) this.add(this.find(hi, lo), hi, lo, state);
  }

  /** Where the hash stands in `table`, or the free place for it. */
  private find(hi: number, lo: number): number {
    const mask = this.table.length - 1;
    for (let i = lo & mask; ; i = (i + 1) & mask) {
      const entry = this.table[i] ?? FREE;
      if (entry === FREE) return i;
      if (this.hashes[2 * entry + 1] === lo && this.hashes[2 * entry] === hi) return i;
    }
  }

  private add(at: number, hi: number, lo: number, state: S): void {
    const entry = this.states.push(state) - 1;
    if (2 * entry === this.hashes.length) {
      const wider = new Uint32Array(this.hashes.length * 2);
      wider.set(this.hashes);
      this.hashes = wider;
    }
    this.hashes[2 * entry] = hi;
    this.hashes[2 * entry + 1] = lo;
    this.table[at] = entry;
    if (2 * this.states.length > this.table.length) this.widen();
  }

  private widen(): void {
    this.table = new Int32Array(this.table.length * 2).fill(FREE);
    for (let entry = 0; entry < this.states.length; entry++) {
      this.table[this.find(this.hashes[2 * entry] ?? 0, this.hashes[2 * entry + 1] ?? 0)] = entry;
    }
  }
}

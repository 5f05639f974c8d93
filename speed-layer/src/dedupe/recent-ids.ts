// The exact ring: the newest `capacity` ids, so that an ordinary retry is known for certain. First in, first
// out, with hash chains that run from newer to older ids (as in LZ77 compressors): adding costs one write to
// a chain's head, nothing is ever taken out, and a walk ends at the first id that has left the ring. Only
// ids that a filter doubts are looked for.

export class RecentIds {
  readonly capacity: number;
  size = 0;
  /** Four lanes per place; id number s is at place s & mask. */
  private readonly lanes: Uint32Array;
  /** Number of the newest id of each chain, and of the id before by place. Numbers wrap round at 2^32. */
  private readonly heads: Int32Array;
  private readonly before: Int32Array;
  private readonly mask: number;
  private next = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    let places = 16;
    while (places < capacity) places *= 2;
    this.lanes = new Uint32Array(4 * places);
    this.heads = new Int32Array(places).fill(-1);
    this.before = new Int32Array(places).fill(-1);
    this.mask = places - 1;
  }

  /**
   * Takes ids 0 … n − 1 in order (id i is lanes[4 · i] … [4 · i + 3]). Where `doubted[i]` is not 0 and the ring
   * holds id i, it stays as it is and `held[i]` becomes 1; every other id is added, the oldest leaving a
   * full ring. Whoever does not doubt an id says that it is not held.
   */
  take(lanes: Uint32Array, doubted: Uint8Array, held: Uint8Array, n: number): void {
    for (let from = 0; from < n; ) {
      let until = from;
      while (until < n && doubted[until] === 0) until++;
      this.pushAll(lanes, from, until);
      if (until === n) return;
      if (this.holds(lanes, 4 * until)) held[until] = 1;
      else this.pushAll(lanes, until, until + 1);
      from = until + 1;
    }
  }

  private holds(lanes: Uint32Array, from: number): boolean {
    const { next, size, mask } = this;
    let number = this.heads[lanes[from]! & mask]!;
    for (let age = (next - number) >>> 0; age <= size; ) {
      const at = 4 * (number & mask);
      if (
        this.lanes[at] === lanes[from] &&
        this.lanes[at + 1] === lanes[from + 1] &&
        this.lanes[at + 2] === lanes[from + 2] &&
        this.lanes[at + 3] === lanes[from + 3]
      )
        return true;
      number = this.before[number & mask]!;
      const older = (next - number) >>> 0;
      if (older <= age) return false;
      age = older;
    }
    return false;
  }

  /** Adds ids [from, until). */
  private pushAll(lanes: Uint32Array, from: number, until: number): void {
    const { mask, heads, before, lanes: ring } = this;
    let { next } = this;
    for (let at = 4 * from; at < 4 * until; at += 4) {
      const place = next & mask;
      const chain = lanes[at]! & mask;
      before[place] = heads[chain]!;
      heads[chain] = next;
      ring[4 * place] = lanes[at]!;
      ring[4 * place + 1] = lanes[at + 1]!;
      ring[4 * place + 2] = lanes[at + 2]!;
      ring[4 * place + 3] = lanes[at + 3]!;
      next = (next + 1) | 0;
    }
    this.next = next;
    this.size = Math.min(this.capacity, this.size + until - from);
  }

  /** The ids held, oldest first, four lanes each. */
  save(): Uint32Array {
    const { lanes, mask, next, size } = this;
    const out = new Uint32Array(4 * size);
    const first = (next - size) & mask;
    const toEnd = Math.min(size, mask + 1 - first);
    out.set(lanes.subarray(4 * first, 4 * (first + toEnd)));
    out.set(lanes.subarray(0, 4 * (size - toEnd)), 4 * toEnd);
    return out;
  }

  load(saved: Uint32Array): void {
    this.pushAll(saved, 0, saved.length / 4);
  }
}

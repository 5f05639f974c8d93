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
    for (let i = 0; i < n; i++) {
      if (doubted[i] !== 0 && this.holds(lanes, 4 * i)) held[i] = 1;
      else this.push(lanes, 4 * i);
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

  private push(lanes: Uint32Array, from: number): void {
    const { next, mask, heads } = this;
    const place = next & mask;
    const chain = lanes[from]! & mask;
    this.before[place] = heads[chain]!;
    heads[chain] = next;
    const ring = this.lanes;
    ring[4 * place] = lanes[from]!;
    ring[4 * place + 1] = lanes[from + 1]!;
    ring[4 * place + 2] = lanes[from + 2]!;
    ring[4 * place + 3] = lanes[from + 3]!;
    this.next = (next + 1) | 0;
    if (this.size < this.capacity) this.size++;
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
    for (let at = 0; at < saved.length; at += 4) this.push(saved, at);
  }
}

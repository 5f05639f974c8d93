// The exact ring: the newest `capacity` ids, so that an ordinary retry is known for certain. An id is a
// 128-bit identity; a set by open addressing over a first-in-first-out ring.

export class RecentIds {
  readonly capacity: number;
  size = 0;
  /** Four lanes per place of the ring. */
  private readonly lanes: Uint32Array;
  /** Cell i is a place (-1 without) and that id's first lane, so that a probe touches one spot. */
  private readonly table: Int32Array;
  private readonly mask: number;
  private next = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.lanes = new Uint32Array(capacity * 4);
    let cells = 16;
    while (cells < capacity * 2) cells *= 2;
    this.table = new Int32Array(2 * cells).fill(-1);
    this.mask = cells - 1;
  }

  /** Adds an id; false where it is held already. The oldest leaves when the ring is full. Lanes are unsigned. */
  add(a: number, b: number, c: number, d: number): boolean {
    const { lanes, table, mask } = this;
    const first = a | 0;
    let i = a & mask;
    for (let place = table[2 * i]!; place >= 0; place = table[2 * i]!) {
      if (table[2 * i + 1] === first) {
        const at = place * 4;
        if (lanes[at + 1] === b && lanes[at + 2] === c && lanes[at + 3] === d) return false;
      }
      i = (i + 1) & mask;
    }
    const place = this.next;
    if (this.size === this.capacity) {
      this.forget(place);
      // What moved into the hole may have freed a cell nearer to home.
      i = a & mask;
      while (table[2 * i]! >= 0) i = (i + 1) & mask;
    } else this.size++;
    const at = place * 4;
    lanes[at] = a;
    lanes[at + 1] = b;
    lanes[at + 2] = c;
    lanes[at + 3] = d;
    table[2 * i] = place;
    table[2 * i + 1] = first;
    this.next = place + 1 === this.capacity ? 0 : place + 1;
    return true;
  }

  /** The ids held, oldest first, four lanes each. */
  save(): Uint32Array {
    const out = new Uint32Array(this.size * 4);
    const oldest = this.size === this.capacity ? this.next : 0;
    const head = this.lanes.subarray(oldest * 4, this.size * 4);
    out.set(head);
    out.set(this.lanes.subarray(0, oldest * 4), head.length);
    return out;
  }

  load(saved: Uint32Array): void {
    for (let i = 0; i < saved.length; i += 4)
      this.add(saved[i]!, saved[i + 1]!, saved[i + 2]!, saved[i + 3]!);
  }

  private forget(place: number): void {
    const { table, mask } = this;
    let hole = this.lanes[place * 4]! & mask;
    while (table[2 * hole] !== place) hole = (hole + 1) & mask;
    // Backward shift: an entry moves into the hole unless its home lies between the hole and itself.
    for (let i = (hole + 1) & mask; table[2 * i]! >= 0; i = (i + 1) & mask) {
      const home = table[2 * i + 1]! & mask;
      if (((i - home) & mask) >= ((i - hole) & mask)) {
        table[2 * hole] = table[2 * i]!;
        table[2 * hole + 1] = table[2 * i + 1]!;
        hole = i;
      }
    }
    table[2 * hole] = -1;
  }
}

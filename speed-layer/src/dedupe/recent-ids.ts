// The exact ring: the newest `capacity` ids, so that an ordinary retry is known for certain. An id is a
// 128-bit identity; a set by open addressing over a first-in-first-out ring.

export class RecentIds {
  readonly capacity: number;
  size = 0;
  /** Four lanes per place of the ring. */
  private readonly lanes: Uint32Array;
  private readonly table: Int32Array;
  private readonly mask: number;
  private next = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.lanes = new Uint32Array(capacity * 4);
    let slots = 16;
    while (slots < capacity * 2) slots *= 2;
    this.table = new Int32Array(slots).fill(-1);
    this.mask = slots - 1;
  }

  /** Adds an id; false where it is held already. The oldest leaves when the ring is full. Lanes are unsigned. */
  add(a: number, b: number, c: number, d: number): boolean {
    const { lanes, table, mask } = this;
    let i = a & mask;
    for (let place = table[i]!; place >= 0; place = table[i]!) {
      const at = place * 4;
      if (lanes[at] === a && lanes[at + 1] === b && lanes[at + 2] === c && lanes[at + 3] === d) {
        return false;
      }
      i = (i + 1) & mask;
    }
    const place = this.next;
    if (this.size === this.capacity) {
      this.forget(place);
      // The hole may have moved entries over the free cell that was found.
      i = a & mask;
      while (table[i]! >= 0) i = (i + 1) & mask;
    } else this.size++;
    const at = place * 4;
    lanes[at] = a;
    lanes[at + 1] = b;
    lanes[at + 2] = c;
    lanes[at + 3] = d;
    table[i] = place;
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
    let hole = this.lanes[place * 4]! & this.mask;
    while (this.table[hole] !== place) hole = (hole + 1) & this.mask;
    // Backward shift: an entry moves into the hole unless its home lies between the hole and itself.
    for (let i = (hole + 1) & this.mask; this.table[i]! >= 0; i = (i + 1) & this.mask) {
      const home = this.lanes[this.table[i]! * 4]! & this.mask;
      if (((i - home) & this.mask) >= ((i - hole) & this.mask)) {
        this.table[hole] = this.table[i]!;
        hole = i;
      }
    }
    this.table[hole] = -1;
  }
}

// Where the scalars of one scanned text stand, and its wanted containers between them: what a shape is
// made of.

const MOST = 128;
const MOST_MARKS = 64;
/** What a mark says of its slot. */
export const OPENS = 0;
export const CLOSES = 1;

export class ScalarTrace {
  /** Scalar k is the token [starts[k], ends[k]), the value of slot slots[k] or of none (-1). */
  count = 0;
  readonly starts = new Int32Array(MOST);
  readonly ends = new Int32Array(MOST);
  readonly slots = new Int32Array(MOST);
  /**
   * Mark m: the container in slot markSlots[m] opens or closes (markKinds[m]) at markAts[m], its first byte or
   * the one behind its last, when markScalars[m] scalars have gone before.
   */
  marks = 0;
  readonly markSlots = new Int32Array(MOST_MARKS);
  readonly markKinds = new Uint8Array(MOST_MARKS);
  readonly markAts = new Int32Array(MOST_MARKS);
  readonly markScalars = new Int32Array(MOST_MARKS);
  /** Set where a wanted key stood twice: scalars and marks in their order do not say it all. */
  entangled = false;

  clear(): void {
    this.count = 0;
    this.marks = 0;
    this.entangled = false;
  }

  /** Whether scalars and marks decide every slot. */
  get complete(): boolean {
    return !this.entangled && this.count <= MOST && this.marks <= MOST_MARKS;
  }

  mark(slot: number, kind: number, at: number): void {
    if (this.marks < MOST_MARKS) {
      this.markSlots[this.marks] = slot;
      this.markKinds[this.marks] = kind;
      this.markAts[this.marks] = at;
      this.markScalars[this.marks] = this.count;
    }
    this.marks++;
  }

  add(start: number, end: number, slot: number): void {
    if (this.count < MOST) {
      this.starts[this.count] = start;
      this.ends[this.count] = end;
      this.slots[this.count] = slot;
    }
    this.count++;
  }
}

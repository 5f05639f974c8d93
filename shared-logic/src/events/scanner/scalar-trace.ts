// Where the scalars of one scanned text stand: what a shape is made of.

const MOST = 128;

export class ScalarTrace {
  /** Scalar k is the token [starts[k], ends[k]), the value of slot slots[k] or of none (-1). */
  count = 0;
  readonly starts = new Int32Array(MOST);
  readonly ends = new Int32Array(MOST);
  readonly slots = new Int32Array(MOST);
  /** Set where a wanted key stood twice or a wanted value was a container: scalars do not say it all. */
  entangled = false;

  clear(): void {
    this.count = 0;
    this.entangled = false;
  }

  /** Whether the scalars alone decide every slot. */
  get complete(): boolean {
    return !this.entangled && this.count <= MOST;
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

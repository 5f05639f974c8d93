// Sets of codes by slot: one table of (life of a slot, code) pairs for membership, one linked list per
// slot for enumeration. Clearing a slot begins a new life; what the old one held goes when all are empty.
import { PairTable } from "../../fold/pair-table.ts";

const NONE = -1;

export class CodeSets {
  /** Entries of all living slots. */
  size = 0;
  private readonly table = new PairTable(1024);
  private lives = new Int32Array(64);
  private heads = new Int32Array(64).fill(NONE);
  private counts = new Int32Array(64);
  private nextLife = 0;
  // By entry.
  private entries = 0;
  private codeOf = new Int32Array(1024);
  private nextOf = new Int32Array(1024);

  grow(slots: number): void {
    const before = this.heads.length;
    if (slots <= before) return;
    const after = Math.max(slots, before * 2);
    const [lives, heads] = [new Int32Array(after), new Int32Array(after).fill(NONE, before)];
    const counts = new Int32Array(after);
    lives.set(this.lives);
    heads.set(this.heads);
    counts.set(this.counts);
    [this.lives, this.heads, this.counts] = [lives, heads, counts];
  }

  add(slot: number, code: number): void {
    const head = this.heads[slot]!;
    if (head === NONE) this.lives[slot] = this.nextLife++;
    const life = this.lives[slot]!;
    if (head !== NONE && this.table.get(life, code) >= 0) return;
    const entry = this.entries++;
    if (entry === this.codeOf.length) this.widen();
    this.table.add(life, code, entry);
    this.codeOf[entry] = code;
    this.nextOf[entry] = head;
    this.heads[slot] = entry;
    this.counts[slot]! += 1;
    this.size++;
  }

  /** A fresh array, in no order. */
  codes(slot: number): Int32Array {
    const out = new Int32Array(this.counts[slot]!);
    let at = 0;
    for (let e = this.heads[slot]!; e !== NONE; e = this.nextOf[e]!) out[at++] = this.codeOf[e]!;
    return out;
  }

  clear(slot: number): void {
    this.size -= this.counts[slot]!;
    this.counts[slot] = 0;
    this.heads[slot] = NONE;
    if (this.size > 0) return;
    this.table.clear();
    this.entries = 0;
    this.nextLife = 0;
  }

  private widen(): void {
    const [codes, nexts] = [this.codeOf, this.nextOf];
    this.codeOf = new Int32Array(codes.length * 2);
    this.nextOf = new Int32Array(codes.length * 2);
    this.codeOf.set(codes);
    this.nextOf.set(nexts);
  }
}

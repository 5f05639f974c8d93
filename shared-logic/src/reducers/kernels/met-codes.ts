// Which codes were met in one set: by stamps, indexed by code, where these are few enough to be near, else in a table as
// small as the set, since a place that is in no cache costs more than finding one that is.

/** Of codes below that, stamps are near. */
const NEAR = 1 << 20;
/** A larger table is no nearer than stamps are. */
const MOST_BITS = 16;
const FIRST_BITS = 5;
/** Stamps are 32-bit. */
const MAX_STAMP = 2 ** 31 - 1;
const C = 0x9e3779b1;

export class MetCodes {
  private stamps = new Int32Array(0);
  private stamp = 0;
  /** Code + 1, 0 where free. */
  private table = new Int32Array(0);
  /** 0 where stamps are used. */
  private bits = 0;

  /** Forgets what was met. Up to `count` codes come, none above `maxCode`. */
  begin(count: number, maxCode: number): void {
    this.bits = maxCode < NEAR ? 0 : bitsFor(count);
    if (this.bits === 0) {
      this.nextStamp(maxCode);
      return;
    }
    const seats = 1 << this.bits;
    if (this.table.length < seats) this.table = new Int32Array(seats);
    else clear(this.table, seats);
  }

  /** Appends those of codes[from, until) that were not met to `out` from `at` on; now they were. Where `out` ends. */
  addNew(codes: Int32Array, from: number, until: number, out: Int32Array, at: number): number {
    return this.bits === 0
      ? addByStamp(codes, from, until, out, at, this.stamps, this.stamp)
      : addByTable(codes, from, until, out, at, this.table, this.bits);
  }

  private nextStamp(maxCode: number): void {
    if (this.stamps.length <= maxCode || this.stamp === MAX_STAMP) {
      this.stamps = new Int32Array(Math.max(maxCode + 1, this.stamps.length));
      this.stamp = 0;
    }
    this.stamp++;
  }
}

/** Of a table that is at most half full; 0 where there is none. */
function bitsFor(count: number): number {
  const bits = Math.max(FIRST_BITS, 33 - Math.clz32(count));
  return bits > MOST_BITS ? 0 : bits;
}

// A loop each: V8 compiles a loop that runs long by itself, and throws that away where it ends inside another.

function clear(table: Int32Array, seats: number): void {
  for (let i = 0; i < seats; i++) table[i] = 0;
}

function addByStamp(
  codes: Int32Array,
  from: number,
  until: number,
  out: Int32Array,
  at: number,
  stamps: Int32Array,
  stamp: number,
): number {
  let end = at;
  for (let i = from; i < until; i++) {
    const code = codes[i]!;
    if (stamps[code] === stamp) continue;
    stamps[code] = stamp;
    out[end++] = code;
  }
  return end;
}

function addByTable(
  codes: Int32Array,
  from: number,
  until: number,
  out: Int32Array,
  at: number,
  table: Int32Array,
  bits: number,
): number {
  const shift = 32 - bits;
  const mask = (1 << bits) - 1;
  let end = at;
  for (let i = from; i < until; i++) {
    const code = codes[i]!;
    const mark = code + 1;
    let seat = Math.imul(code, C) >>> shift;
    let there = table[seat]!;
    while (there !== mark && there !== 0) {
      seat = (seat + 1) & mask;
      there = table[seat]!;
    }
    if (there === mark) continue;
    table[seat] = mark;
    out[end++] = code;
  }
  return end;
}

// Which codes were met in one set: a bit for each code, as long as all bits are near, else a table as small as the set,
// since a place that is in no cache costs more than finding one that is. A code's bit is read and written without asking
// what it is: whether a code is new cannot be told before, and a wrong guess costs more than all the rest.

/** Bits of codes below that lie in a processor's second cache. */
const NEAR = 1 << 23;
/** A larger table is no nearer than bits are. */
const MOST_BITS = 16;
const FIRST_BITS = 5;
/** Where a set has more codes than an eighth of the words, all words are wiped. */
const WORDS_PER_CODE = 8;
const C = 0x9e3779b1;

export class MetCodes {
  /** Bit `code & 31` of word `code >>> 5`. Nothing is set between `forget` and `begin`. */
  private words = new Int32Array(0);
  /** Code + 1, 0 where free. */
  private table = new Int32Array(0);
  /** Of the table's seats; 0 where words are used. */
  private bits = 0;

  /** Up to `count` codes come, none above `maxCode`. Nothing was met, or `forget` was told of all that was. */
  begin(count: number, maxCode: number): void {
    this.bits = maxCode < NEAR ? 0 : bitsFor(count);
    if (this.bits === 0) {
      const length = (maxCode >>> 5) + 1;
      if (this.words.length < length) this.words = new Int32Array(length);
      return;
    }
    const seats = 1 << this.bits;
    if (this.table.length < seats) this.table = new Int32Array(seats);
    else clear(this.table, seats);
  }

  /**
   * Appends those of codes[from, until) that were not met to `out` from `at` on; now they were. Where `out` ends: what
   * stands behind that, up to where it would end if all were new, is of no meaning.
   */
  addNew(codes: Int32Array, from: number, until: number, out: Int32Array, at: number): number {
    return this.bits === 0
      ? addByBits(codes, from, until, out, at, this.words)
      : addByTable(codes, from, until, out, at, this.table, this.bits);
  }

  /** Forgets codes[from, until), which must be all that were met. */
  forget(codes: Int32Array, from: number, until: number): void {
    if (this.bits !== 0) return;
    if (WORDS_PER_CODE * (until - from) > this.words.length) this.words.fill(0);
    else wipe(codes, from, until, this.words);
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

function addByBits(
  codes: Int32Array,
  from: number,
  until: number,
  out: Int32Array,
  at: number,
  words: Int32Array,
): number {
  let end = at;
  for (let i = from; i < until; i++) {
    const code = codes[i]!;
    const word = words[code >>> 5]!;
    out[end] = code;
    end += ~(word >>> code) & 1;
    words[code >>> 5] = word | (1 << code);
  }
  return end;
}

function wipe(codes: Int32Array, from: number, until: number, words: Int32Array): void {
  for (let i = from; i < until; i++) words[codes[i]! >>> 5] = 0;
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

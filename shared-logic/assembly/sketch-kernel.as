// HyperLogLogs of very many cells, by slot: the fast twin of sketches/kernels/plain-hyperloglogs.ts. All of it lies in
// blocks of 4, 8, 16, … words, freed ones of a size in a list: a cell's sparse entries as an open-addressed set,
// at most three quarters full; its registers where it is dense; the table of slots.

/** Rows at a time, and cells. */
export const ROWS: i32 = 2048;
export const CELLS: i32 = 64;
/** Of each row its slot, i32, and two lanes of its hash, or one entry. */
export const SLOTS: i32 = 64;
export const HASHES: i32 = SLOTS + 4 * ROWS;
/** Of each cell of a block: its number and slot, i32; events and skipped, f64. */
export const CELL_NUMBERS: i32 = HASHES + 8 * ROWS;
export const CELL_SLOTS: i32 = CELL_NUMBERS + 4 * CELLS;
export const CELL_EVENTS: i32 = CELL_SLOTS + 4 * CELLS;
export const CELL_SKIPPED: i32 = CELL_EVENTS + 8 * CELLS;
/** By size class the first free block, 0 without. */
const FREE: usize = <usize>(CELL_SKIPPED + 8 * CELLS);
const CLASSES: usize = 30;
const TOUCHED: usize = FREE + 4 * CLASSES;
const ARENA: usize = (TOUCHED + 4 + 63) & ~63;

/** Blocks of size class c have 4 · 2^c words. An entry's home is said by its highest bits. */
const HOME_SHIFT: u32 = 30;

/** A slot, 16 bytes: its block (0 without), size class, how many entries it has (DENSE: registers). */
const SIZE: usize = 4;
const COUNT: usize = 8;
const DENSE: i32 = -1;

const BLOCK_FORMAT: u8 = 1;
const SKETCH_FORMAT: u32 = 1;
const DENSE_FORM: u32 = 1 << 24;

let precision: u32 = 0;
let limit: i32 = 0;
let denseClass: u32 = 0;
let used: usize = ARENA;
let table: usize = 0;
let tableClass: u32 = 0;

export function begin(bits: i32): void {
  precision = bits;
  limit = 1 << (bits - 2);
  denseClass = bits > 4 ? bits - 4 : 0;
  table = take(tableClass);
}

/** Memory is there up to this address. */
function reach(until: usize): void {
  const missing = <i64>until - (<i64>memory.size() << 16);
  if (missing <= 0) return;
  // Twice as much where that may be had: growing may copy.
  const least = <i32>((missing + 65535) >> 16);
  if (memory.grow(max(least, memory.size() >> 1)) < 0 && memory.grow(least) < 0) unreachable();
}

/** A block of zeros. */
function take(size: u32): usize {
  const bytes = <usize>16 << size;
  const list = FREE + (size << 2);
  let at = <usize>load<u32>(list);
  if (at != 0) store<u32>(list, load<u32>(at));
  else {
    at = used;
    used += bytes;
    if (used < at) unreachable();
    reach(used);
  }
  for (let i = at; i < at + bytes; i += 16) v128.store(i, i64x2.splat(0));
  return at;
}

function release(at: usize, size: u32): void {
  const list = FREE + (size << 2);
  store<u32>(at, load<u32>(list));
  store<u32>(list, <u32>at);
}

/** Makes slots below `slots` usable. */
export function grow(slots: i32): void {
  while (<i32>1 << tableClass < slots) {
    const wider = take(tableClass + 1);
    memory.copy(wider, table, <usize>16 << tableClass);
    release(table, tableClass);
    table = wider;
    tableClass++;
  }
}

@inline
function slotAt(slot: i32): usize {
  return table + (<usize>slot << 4);
}

/** hyperloglog.ts: rankOf. */
@inline
function rankOf(entry: u32): u8 {
  const between = (entry & ~63) << precision;
  return <u8>(between == 0 ? 26 - precision + (entry & 63) : <u32>clz<u32>(between) + 1);
}

@inline
function raise(registers: usize, entry: u32): void {
  const at = registers + (entry >> (32 - precision));
  const rank = rankOf(entry);
  if (rank > load<u8>(at)) store<u8>(at, rank);
}

/** From entries to registers. */
function densify(at: usize): void {
  const from = <usize>load<u32>(at);
  const size = load<u32>(at + SIZE);
  const registers = take(denseClass);
  const end = from + (<usize>16 << size);
  for (let i = from; i < end; i += 4) {
    const entry = load<u32>(i);
    if (entry != 0) raise(registers, entry);
  }
  release(from, size);
  store<u32>(at, <u32>registers);
  store<u32>(at + SIZE, denseClass);
  store<i32>(at + COUNT, DENSE);
}

/** Moves entries into a block of twice the size. */
function widen(at: usize): void {
  const from = <usize>load<u32>(at);
  const size = load<u32>(at + SIZE);
  const wider = take(size + 1);
  const mask = (<u32>4 << (size + 1)) - 1;
  const end = from + (<usize>16 << size);
  for (let i = from; i < end; i += 4) {
    const entry = load<u32>(i);
    if (entry == 0) continue;
    let to = entry >> (HOME_SHIFT - size - 1);
    while (load<u32>(wider + (<usize>to << 2)) != 0) to = (to + 1) & mask;
    store<u32>(wider + (<usize>to << 2), entry);
  }
  release(from, size);
  store<u32>(at, <u32>wider);
  store<u32>(at + SIZE, size + 1);
}

function add(slot: i32, entry: u32): void {
  const at = slotAt(slot);
  const count = load<i32>(at + COUNT);
  if (count == DENSE) {
    raise(<usize>load<u32>(at), entry);
    return;
  }
  if (load<u32>(at) == 0) {
    store<u32>(at, <u32>take(0));
    store<u32>(at + SIZE, 0);
  }
  while (true) {
    const from = <usize>load<u32>(at);
    const size = load<u32>(at + SIZE);
    const mask = (<u32>4 << size) - 1;
    for (let i = entry >> (HOME_SHIFT - size); ; i = (i + 1) & mask) {
      const there = load<u32>(from + (<usize>i << 2));
      if (there == 0) {
        // A quarter of the block stays free, so that every probe ends.
        if (<u32>(count + 1) << 2 > 3 * (mask + 1)) break;
        store<u32>(from + (<usize>i << 2), entry);
        store<i32>(at + COUNT, count + 1);
        if (count == limit) densify(at);
        return;
      }
      if (there >> 6 == entry >> 6) {
        if ((entry & 63) > (there & 63)) store<u32>(from + (<usize>i << 2), entry);
        return;
      }
    }
    widen(at);
  }
}

/** Adds the hashes of `n` rows to their slots. */
export function addHashes(n: i32): void {
  for (let i = 0; i < n; i++) {
    const h0 = load<u32>(HASHES + (i << 3));
    const next = h0 & 63;
    const rank = next == 0 ? 7 + <u32>clz<u32>(load<u32>(HASHES + (i << 3) + 4)) : <u32>clz<u32>(next) - 25;
    add(load<i32>(SLOTS + (i << 2)), (h0 & ~63) | rank);
  }
}

/** Adds the first `n` numbers of HASHES as entries of one slot. */
export function addEntries(slot: i32, n: i32): void {
  for (let i = 0; i < n; i++) add(slot, load<u32>(HASHES + (i << 2)));
}

/** Where the registers of a slot that has nothing yet stand from now on; zeros. */
export function registers(slot: i32): usize {
  const at = slotAt(slot);
  const page = take(denseClass);
  store<u32>(at, <u32>page);
  store<u32>(at + SIZE, denseClass);
  store<i32>(at + COUNT, DENSE);
  return page;
}

export function clear(slot: i32): void {
  const at = slotAt(slot);
  const from = <usize>load<u32>(at);
  if (from != 0) release(from, load<u32>(at + SIZE));
  store<u32>(at, 0);
  store<i32>(at + COUNT, 0);
}

@inline
function stateBytes(at: usize): u32 {
  const count = load<i32>(at + COUNT);
  return 4 + (count == DENSE ? <u32>1 << precision : <u32>count << 2);
}

/** Inserts into `n` words at `into` that ascend. */
@inline
function insert(into: usize, n: i32, entry: u32): void {
  let to = into + (<usize>n << 2);
  for (; to > into && load<u32>(to - 4) > entry; to -= 4) store<u32>(to, load<u32>(to - 4));
  store<u32>(to, entry);
}

/** The entries of a block, ascending. */
function sortInto(into: usize, from: usize, size: u32): void {
  const words = <u32>4 << size;
  const shift = HOME_SHIFT - size;
  let n = 0;
  // Those that went on at the block's begin belong behind all others.
  for (let i: u32 = 0; i < words; i++) {
    const entry = load<u32>(from + (<usize>i << 2));
    if (entry != 0 && entry >> shift <= i) insert(into, n++, entry);
  }
  for (let i: u32 = 0; i < words; i++) {
    const entry = load<u32>(from + (<usize>i << 2));
    if (entry == 0) break;
    if (entry >> shift > i) insert(into, n++, entry);
  }
}

/** hyperloglog-codec.ts; where it ends. */
function state(at: usize, out: usize): usize {
  const from = <usize>load<u32>(at);
  const header = SKETCH_FORMAT | (precision << 8);
  const end = out + stateBytes(at);
  if (load<i32>(at + COUNT) == DENSE) {
    store<u32>(out, header | DENSE_FORM);
    memory.copy(out + 4, from, <usize>1 << precision);
  } else {
    store<u32>(out, header);
    if (from != 0) sortInto(out + 4, from, load<u32>(at + SIZE));
  }
  return end;
}

@inline
function varint(value: u64, out: usize): usize {
  let v = value;
  let to = out;
  for (; v >= 128; v >>= 7) store<u8>(to++, <u8>v | 128);
  store<u8>(to, <u8>v);
  return to + 1;
}

/** Where `block` and `one` write: behind what is used, for as long as nothing is added. */
export function written(): usize {
  return used;
}

/** The state of one slot; how long it is. */
export function one(slot: i32): i32 {
  const at = slotAt(slot);
  reach(used + stateBytes(at));
  return <i32>(state(at, used) - used);
}

/** fold/block.ts: the first `count` cells of CELL_NUMBERS as a block; how long it is. */
export function block(count: i32): i32 {
  let most: usize = 16;
  let touched: u32 = 0;
  // A read of each slot and of what it has, and nothing between them: cache misses overlap.
  for (let i = 0; i < count; i++) {
    const at = slotAt(load<i32>(CELL_SLOTS + (i << 2)));
    touched ^= load<u32>(<usize>load<u32>(at));
    most += 40 + stateBytes(at);
  }
  store<u32>(TOUCHED, touched);
  reach(used + most);
  store<u8>(used, BLOCK_FORMAT);
  let to = varint(count, used + 1);
  for (let i = 0; i < count; i++) {
    const at = slotAt(load<i32>(CELL_SLOTS + (i << 2)));
    to = varint(load<i32>(CELL_NUMBERS + (i << 2)), to);
    to = varint(<u64>load<f64>(CELL_EVENTS + (i << 3)), to);
    to = varint(<u64>load<f64>(CELL_SKIPPED + (i << 3)), to);
    to = state(at, varint(stateBytes(at), to));
  }
  return <i32>(to - used);
}

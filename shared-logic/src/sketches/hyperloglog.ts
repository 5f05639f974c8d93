// HyperLogLog: how many different hashes there were (Flajolet, Fusy, Gandouet, Meunier, AofA 2007; 64-bit
// hashes and the sparse form after Heule, Nunkesser, Hall, "HyperLogLog in practice", EDBT 2013).
//
// A state is a function of the set S of hashes alone. Sparse, it is f(S): per 26-bit index the highest
// rank of the remaining bits. f of a union is the index-wise maximum of the parts', and how many indexes
// f(S) has never falls as S grows; so "more than m/4 indexes" is a fact about S, not about the way to it,
// and dense is what is past it. Dense, it is g(f(S)): per register the highest rank, the same as from the
// hashes directly, because an entry keeps all bits that a register of any precision up to 16 needs.
import { TandemError } from "../errors.ts";

export const MIN_PRECISION = 4;
export const MAX_PRECISION = 16;
export const DEFAULT_PRECISION = 12;

export interface SparseHyperLogLog {
  readonly form: "sparse";
  readonly precision: number;
  /** Ascending, at most one per index: index (26 bits), rank (6 bits, 1 to 39). */
  readonly entries: Uint32Array;
}

export interface DenseHyperLogLog {
  readonly form: "dense";
  readonly precision: number;
  /** 2^precision ranks, 0 to 65 − precision. */
  readonly registers: Uint8Array;
}

export type HyperLogLog = SparseHyperLogLog | DenseHyperLogLog;

/** The most entries of the sparse form: a quarter of the registers. */
export const sparseLimit = (precision: number): number => 2 ** (precision - 2);

export function emptyHyperLogLog(precision: number): HyperLogLog {
  if (!Number.isInteger(precision) || precision < MIN_PRECISION || precision > MAX_PRECISION) {
    throw new RangeError(`precision ${precision} is not ${MIN_PRECISION} to ${MAX_PRECISION}`);
  }
  return { form: "sparse", precision, entries: new Uint32Array(0) };
}

/** The entry of a hash: its first 26 bits, and the place of the first 1 in the other 38. */
export function entryOf(h0: number, h1: number): number {
  const next = h0 & 63;
  const rank = next === 0 ? 7 + Math.clz32(h1) : Math.clz32(next) - 25;
  return ((h0 & ~63) | rank) >>> 0;
}

/** The register that an entry belongs to. */
export const registerOf = (entry: number, precision: number): number => entry >>> (32 - precision);

/** The place of the first 1 behind the register's bits. */
export function rankOf(entry: number, precision: number): number {
  const between = (entry & ~63) << precision;
  return between === 0 ? 26 - precision + (entry & 63) : Math.clz32(between) + 1;
}

/** Raises the registers to what the entries say. */
export function raise(registers: Uint8Array, entries: Uint32Array, precision: number): void {
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!;
    const [at, rank] = [registerOf(entry, precision), rankOf(entry, precision)];
    if (rank > registers[at]!) registers[at] = rank;
  }
}

export function addHash(sketch: HyperLogLog, h0: number, h1: number): HyperLogLog {
  const { precision } = sketch;
  const entry = entryOf(h0, h1);
  if (sketch.form === "sparse") {
    const entries = withEntry(sketch.entries, entry);
    return entries === sketch.entries ? sketch : fromEntries(entries, precision);
  }
  const [at, rank] = [registerOf(entry, precision), rankOf(entry, precision)];
  if (rank <= sketch.registers[at]!) return sketch;
  const registers = sketch.registers.slice();
  registers[at] = rank;
  return { form: "dense", precision, registers };
}

/** The entries with one more; the same array where that adds nothing. */
function withEntry(entries: Uint32Array, entry: number): Uint32Array {
  let [from, until] = [0, entries.length];
  while (from < until) {
    const middle = (from + until) >>> 1;
    if (entries[middle]! >>> 6 < entry >>> 6) from = middle + 1;
    else until = middle;
  }
  const there = from < entries.length && entries[from]! >>> 6 === entry >>> 6;
  if (there && entries[from]! >= entry) return entries;
  const out = new Uint32Array(entries.length + (there ? 0 : 1));
  out.set(entries.subarray(0, from));
  out[from] = entry;
  out.set(entries.subarray(there ? from + 1 : from), from + 1);
  return out;
}

/** Throws `sketch_mismatch` where the precisions differ. */
export function union(a: HyperLogLog, b: HyperLogLog): HyperLogLog {
  const { precision } = a;
  if (precision !== b.precision) {
    throw new TandemError("sketch_mismatch", { details: { precisions: [precision, b.precision] } });
  }
  if (a.form === "sparse") {
    if (b.form === "dense") return union(b, a);
    return fromEntries(mergeEntries(a.entries, b.entries), precision);
  }
  const registers = a.registers.slice();
  if (b.form === "sparse") raise(registers, b.entries, precision);
  else {
    for (let i = 0; i < registers.length; i++) {
      if (b.registers[i]! > registers[i]!) registers[i] = b.registers[i]!;
    }
  }
  return { form: "dense", precision, registers };
}

/** The state of many hashes, of which the first two lanes count. */
export function fromHashes(hashes: readonly Uint32Array[], precision: number): HyperLogLog {
  return fromUnsorted(
    Uint32Array.from(hashes, (lanes) => entryOf(lanes[0]!, lanes[1]!)),
    precision,
  );
}

/** The state of entries in any order, also several of one index; they are sorted in place. */
export function fromUnsorted(entries: Uint32Array, precision: number): HyperLogLog {
  const sorted = entries.sort();
  let n = 0;
  for (let i = 0; i < sorted.length; i++) {
    // Of one index the highest rank stands last.
    if (i + 1 < sorted.length && sorted[i]! >>> 6 === sorted[i + 1]! >>> 6) continue;
    sorted[n++] = sorted[i]!;
  }
  return fromEntries(sorted.slice(0, n), precision);
}

/** The state of entries that are ascending and one per index. */
export function fromEntries(entries: Uint32Array, precision: number): HyperLogLog {
  if (entries.length <= sparseLimit(precision)) return { form: "sparse", precision, entries };
  const registers = new Uint8Array(2 ** precision);
  raise(registers, entries, precision);
  return { form: "dense", precision, registers };
}

function mergeEntries(a: Uint32Array, b: Uint32Array): Uint32Array {
  const out = new Uint32Array(a.length + b.length);
  let [i, j, n] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i]!, b[j]!];
    if (x >>> 6 === y >>> 6) {
      out[n++] = Math.max(x, y);
      i++;
      j++;
    } else if (x < y) {
      out[n++] = x;
      i++;
    } else {
      out[n++] = y;
      j++;
    }
  }
  while (i < a.length) out[n++] = a[i++]!;
  while (j < b.length) out[n++] = b[j++]!;
  return out.slice(0, n);
}

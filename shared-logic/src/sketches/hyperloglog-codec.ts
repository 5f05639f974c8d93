// The bytes of a HyperLogLog: format 1; precision; seed marker 0 (murmur3 x86 128 with seed 0, lanes 0
// and 1); form. Form 0, sparse: each entry as u32, ascending. Form 1, dense: one byte per register, not
// packed: stored cells are compressed as a whole, and kernels copy registers as they are.
import { ByteWriter } from "../codec/byte-writer.ts";
import { expectBytes, readState } from "../codec/state-format.ts";
import {
  type HyperLogLog,
  MAX_PRECISION,
  MIN_PRECISION,
  rankOf,
  sparseLimit,
} from "./hyperloglog.ts";

const FORMAT = 1;
const SEED = 0;
const SPARSE = 0;
const DENSE = 1;
/** The rank of a hash whose last 38 bits are all zero. */
const LAST_RANK = 39;

const header = (out: ByteWriter, precision: number, form: number): ByteWriter =>
  out.u32(FORMAT | (precision << 8) | (SEED << 16) | (form << 24));

/** Appends the sparse form of `entries[0, count)`, which ascend. */
export function writeEntries(
  entries: Uint32Array,
  count: number,
  precision: number,
  out: ByteWriter,
): void {
  header(out, precision, SPARSE).u32s(entries, count);
}

export function writeRegisters(registers: Uint8Array, precision: number, out: ByteWriter): void {
  header(out, precision, DENSE).raw(registers);
}

export function encodeHyperLogLog(s: HyperLogLog): Uint8Array {
  const out = new ByteWriter(4 + (s.form === "sparse" ? 4 * s.entries.length : s.registers.length));
  if (s.form === "sparse") writeEntries(s.entries, s.entries.length, s.precision, out);
  else writeRegisters(s.registers, s.precision, out);
  return out.done();
}

/** Throws `corrupt_bytes` on what no set of hashes encodes to. */
export function decodeHyperLogLog(bytes: Uint8Array): HyperLogLog {
  const reader = readState(bytes, FORMAT, "hyperloglog");
  const precision = reader.u8();
  expectBytes(precision >= MIN_PRECISION && precision <= MAX_PRECISION, "hyperloglog precision");
  expectBytes(reader.u8() === SEED, "hyperloglog seed");
  const form = reader.u8();
  if (form === DENSE) {
    const registers = reader.raw(2 ** precision).slice();
    reader.end();
    expectDense(registers, precision);
    return { form: "dense", precision, registers };
  }
  expectBytes(form === SPARSE && reader.left % 4 === 0, "hyperloglog form");
  const entries = new Uint32Array(reader.left / 4);
  expectBytes(entries.length <= sparseLimit(precision), "hyperloglog entries");
  let before = -1;
  for (let i = 0; i < entries.length; i++) {
    const entry = reader.u32();
    const [index, rank] = [entry >>> 6, entry & 63];
    expectBytes(index > before && rank >= 1 && rank <= LAST_RANK, "hyperloglog entry");
    entries[i] = entry;
    before = index;
  }
  return { form: "sparse", precision, entries };
}

/** No rank is above the last, and the registers can hold more entries than the sparse form. */
function expectDense(registers: Uint8Array, precision: number): void {
  const indexes = 2 ** (26 - precision);
  const lastRank = rankOf(LAST_RANK, precision);
  let most = 0;
  for (const rank of registers) {
    expectBytes(rank <= lastRank, "hyperloglog register");
    // Indexes of a register at whose best stands `rank`: all but those that would rank higher.
    if (rank > 0) most += indexes - Math.floor(indexes / 2 ** rank);
  }
  expectBytes(most > sparseLimit(precision), "hyperloglog registers");
}

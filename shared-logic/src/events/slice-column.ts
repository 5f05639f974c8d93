// A path's values as slices of one byte buffer. Nothing is decoded until asked for; codes, hashes and
// decimals are made once per batch, in buffers that only grow.
import { murmur3Lanes } from "../hash/murmur3.ts";
import { DecimalColumns, type ReadUnits } from "./decimal-columns.ts";
import {
  DECIMAL_MISSING,
  DECIMAL_NOT_A_NUMBER,
  type DecimalColumn,
  FIELD_FALSE,
  FIELD_NULL,
  FIELD_NUMBER,
  FIELD_TEXT,
  type FieldColumn,
  NO_TEXT,
} from "./event-columns.ts";
import { Interner } from "./interner.ts";
import { type EventKernel, PENDING } from "./kernels/event-kernel.ts";
import { parseUnits } from "./scanner/number-text.ts";
import { Unescaper } from "./scanner/unescape.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const lanes = new Uint32Array(4);
const NOTHING = new Uint8Array(0);

/** When an interner is emptied before the next batch. */
export interface InternerLimit {
  readonly entries: number;
  readonly sizeBytes: number;
}
export const DEFAULT_INTERNER_LIMIT: InternerLimit = { entries: 65_536, sizeBytes: 8_000_000 };

/** Empties `interner` if it outgrew `limit`. */
export function limitInterner(interner: Interner, limit: InternerLimit): void {
  if (interner.size > limit.entries || interner.sizeBytes > limit.sizeBytes) interner.reset();
}

/** Header values of a path, where they save reading the body: kinds, and hashes every `stride` lanes. */
export interface KnownHashes {
  readonly kinds: Uint8Array;
  readonly hashes: Uint32Array;
  readonly stride: number;
}

export class SliceColumn implements FieldColumn {
  readonly interner = new Interner();
  /** FIELD_* per row, and its slice; `escaped` is 1 where the text holds a backslash. */
  slices = new Uint8Array(0);
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  escaped = new Uint8Array(0);
  /** A byte in front of each text, part of it; 0 for none. */
  prefixes: Uint8Array | undefined;
  private readonly fill: () => void;
  private bytes: Uint8Array = NOTHING;
  private count = 0;
  private known: KnownHashes | undefined;
  private codeOf = new Int32Array(0);
  private hashOf = new Uint32Array(0);
  private hasCodes = false;
  /** Codes were asked for, once: from then on a kernel makes them where it can. */
  private wantsCodes = false;
  private hasHashes = false;
  private readonly decimalColumns = new DecimalColumns();
  private readonly unescaper = new Unescaper();
  private readonly readUnits: ReadUnits = (row, scale, out) => {
    const kind = this.slices[row]!;
    if (kind === FIELD_NUMBER) {
      return parseUnits(this.bytes, this.starts[row]!, this.ends[row]!, scale, out);
    }
    return kind <= FIELD_NULL ? DECIMAL_MISSING : DECIMAL_NOT_A_NUMBER;
  };

  /** `fill` writes the slices of the batch if they have not been written yet. */
  constructor(fill: () => void, prefixed = false) {
    this.fill = fill;
    if (prefixed) this.prefixes = new Uint8Array(0);
  }

  /** Begins a batch of `count` rows in `bytes`; the slices are to follow. */
  begin(bytes: Uint8Array, count: number, limit: InternerLimit): void {
    this.bytes = bytes;
    this.count = count;
    this.known = undefined;
    this.hasCodes = false;
    this.hasHashes = false;
    this.decimalColumns.next();
    limitInterner(this.interner, limit);
    if (this.slices.length < count) this.widen(count);
    this.codeOf.fill(PENDING, 0, count);
  }

  private widen(count: number): void {
    const room = Math.max(count, this.slices.length * 2);
    this.slices = new Uint8Array(room);
    this.starts = new Int32Array(room);
    this.ends = new Int32Array(room);
    this.escaped = new Uint8Array(room);
    if (this.prefixes) this.prefixes = new Uint8Array(room);
    this.codeOf = new Int32Array(room);
    this.hashOf = new Uint32Array(2 * room);
  }

  /** Takes what headers say of the batch, before anything is asked of it. */
  know(known: KnownHashes): void {
    this.known = known;
  }

  get kinds(): Uint8Array {
    if (this.known) return this.known.kinds;
    this.fill();
    return this.slices;
  }

  /** Takes rows [row, row + count) of a kernel's slot; of those of a status below `least`, anything. */
  take(kernel: EventKernel, slot: number, row: number, count: number, least: number): void {
    const { kinds, starts, ends, escaped } = kernel.planes[slot]!;
    this.slices.set(kinds.subarray(0, count), row);
    this.starts.set(starts.subarray(0, count), row);
    this.ends.set(ends.subarray(0, count), row);
    this.escaped.set(escaped.subarray(0, count), row);
    if (this.wantsCodes) {
      kernel.intern(slot, count, this.bytes, this.interner, this.codeOf, row, least);
    }
  }

  /** As `take`, of who rows are of: their texts in one of two slots. */
  takeUsers(
    kernel: EventKernel,
    user: number,
    anonymous: number,
    row: number,
    count: number,
  ): void {
    const { kinds, starts, ends, escaped } = kernel.users(count, user, anonymous);
    this.slices.set(kinds.subarray(0, count), row);
    this.starts.set(starts.subarray(0, count), row);
    this.ends.set(ends.subarray(0, count), row);
    this.escaped.set(escaped.subarray(0, count), row);
    this.prefixes?.set(kernel.userPrefixes.subarray(0, count), row);
  }

  codes(): Int32Array {
    if (this.hasCodes) return this.codeOf;
    this.wantsCodes = true;
    this.fill();
    this.internPending();
    this.hasCodes = true;
    return this.codeOf;
  }

  /** Nothing follows the loop: compiled while it ran for the first time, V8 would leave its code each time behind it. */
  private internPending(): void {
    const { slices, starts, ends, escaped, bytes, interner, codeOf, prefixes } = this;
    for (let row = 0; row < this.count; row++) {
      if (codeOf[row] !== PENDING) continue;
      const kind = slices[row]!;
      if (kind < FIELD_TEXT || kind > FIELD_FALSE) {
        codeOf[row] = NO_TEXT;
      } else if (prefixes === undefined && (kind !== FIELD_TEXT || escaped[row] === 0)) {
        codeOf[row] = interner.intern(bytes, starts[row]!, ends[row]!);
      } else {
        this.unescape(row);
        codeOf[row] = interner.intern(this.unescaper.bytes, 0, this.unescaper.length);
      }
    }
  }

  hashes(): Uint32Array {
    if (this.hasHashes) return this.hashOf;
    const { hashOf, known } = this;
    if (known?.stride === 2) return known.hashes;
    if (known) {
      for (let row = 0; row < this.count; row++) {
        hashOf[2 * row] = known.hashes[known.stride * row]!;
        hashOf[2 * row + 1] = known.hashes[known.stride * row + 1]!;
      }
    } else {
      this.fill();
      if (this.hasCodes) this.hashesOfCodes();
      else this.hashesOfSlices();
    }
    this.hasHashes = true;
    return hashOf;
  }

  decimals(scale: number): DecimalColumn {
    this.fill();
    return this.decimalColumns.get(scale, this.count, this.readUnits);
  }

  text(row: number): string | undefined {
    // A text of few has a string already.
    if (this.wantsCodes) {
      const code = this.codes()[row]!;
      return code < 0 ? undefined : this.interner.text(code);
    }
    this.fill();
    const kind = this.slices[row]!;
    if (kind < FIELD_TEXT || kind > FIELD_FALSE) return undefined;
    this.unescape(row);
    return decoder.decode(this.unescaper.bytes.subarray(0, this.unescaper.length));
  }

  private unescape(row: number): void {
    const prefix = this.prefixes === undefined ? 0 : this.prefixes[row]!;
    this.unescaper.run(this.bytes, this.starts[row]!, this.ends[row]!, prefix);
  }

  private hashesOfCodes(): void {
    const { hashOf, codeOf } = this;
    const { hashes } = this.interner;
    for (let row = 0; row < this.count; row++) {
      const code = codeOf[row]!;
      hashOf[2 * row] = code < 0 ? 0 : hashes[2 * code]!;
      hashOf[2 * row + 1] = code < 0 ? 0 : hashes[2 * code + 1]!;
    }
  }

  private hashesOfSlices(): void {
    const { slices, starts, ends, escaped, bytes, hashOf, prefixes } = this;
    for (let row = 0; row < this.count; row++) {
      const kind = slices[row]!;
      if (kind < FIELD_TEXT || kind > FIELD_FALSE) {
        lanes[0] = 0;
        lanes[1] = 0;
      } else if (prefixes === undefined && (kind !== FIELD_TEXT || escaped[row] === 0)) {
        murmur3Lanes(bytes, starts[row]!, ends[row]!, lanes);
      } else {
        this.unescape(row);
        murmur3Lanes(this.unescaper.bytes, 0, this.unescaper.length, lanes);
      }
      hashOf[2 * row] = lanes[0]!;
      hashOf[2 * row + 1] = lanes[1]!;
    }
  }
}

// A block: the cells of one metric, tenant, grouping set, group and hour as one stored row, because an
// hour of minute cells is written and read together. Cells are numbered within the block from 0.
//
//   u8 format (1), varint count, then per cell in order: varint cell, varint events, varint skipped, bytes state
import type { BlockCells } from "../algebra/block-cells.ts";
import type { Kernel } from "../algebra/kernel.ts";
import { ByteReader } from "../codec/byte-reader.ts";
import { ByteWriter } from "../codec/byte-writer.ts";
import { TandemError } from "../errors.ts";
import { GRAIN_MS, type StoredGrain } from "../time/calendar.ts";
import { type EpochMs, HOUR_MS } from "../time/epoch-ms.ts";

const BLOCK_FORMAT = 1;
const SLAB_BYTES = 65_536;
/** What a block has in a shared buffer at most, and room for at least. */
const ROOM_BYTES = SLAB_BYTES / 8;

export interface BlockCell {
  readonly cell: number;
  readonly events: number;
  readonly skipped: number;
  readonly state: Uint8Array;
}

/** A decoded cell: its state is a view that is made where somebody asks for it. */
export class StoredCell implements BlockCell {
  readonly cell: number;
  readonly events: number;
  readonly skipped: number;
  /** Where the state lies: [from, until). */
  readonly source: Uint8Array;
  readonly from: number;
  readonly until: number;

  constructor(input: ByteReader, source: Uint8Array) {
    this.cell = input.varint();
    this.events = input.varint();
    this.skipped = input.varint();
    const length = input.varint();
    this.source = source;
    this.from = input.skip(length);
    this.until = this.from + length;
  }

  get state(): Uint8Array {
    return this.source.subarray(this.from, this.until);
  }
}

/** A block spans an hour, or one cell where the cell is longer. */
export const blockMs = (grain: StoredGrain): number => Math.max(HOUR_MS, GRAIN_MS[grain]);
export const cellsPerBlock = (grain: StoredGrain): number => blockMs(grain) / GRAIN_MS[grain];
export const blockStart = (at: EpochMs, grain: StoredGrain): EpochMs =>
  (Math.floor(at / blockMs(grain)) * blockMs(grain)) as EpochMs;

export function encodeBlock(cells: readonly BlockCell[]): Uint8Array {
  const out = new ByteWriter(16 + cells.length * 16).u8(BLOCK_FORMAT).varint(cells.length);
  for (const c of cells) out.varint(c.cell).varint(c.events).varint(c.skipped).bytes(c.state);
  return out.done();
}

/** Encodes one block after another, small ones side by side in buffers that many share. */
export class BlockWriter {
  private shared = new ByteWriter(SLAB_BYTES);
  /** Where large blocks are written, which mostly come one after the other, and copied from. */
  private wide = new ByteWriter(SLAB_BYTES);
  private out = this.shared;
  private start = 0;

  /** The block of these cells, ascending; nobody may change its bytes. */
  block(cells: BlockCells, kernel: Kernel): Uint8Array {
    if (this.out === this.shared && this.out.sizeBytes > SLAB_BYTES - ROOM_BYTES) this.renew();
    this.start = this.out.sizeBytes;
    if (kernel.writeBlock) kernel.writeBlock(cells, this.out);
    else writeCells(cells, kernel, this.out);
    return this.done();
  }

  private done(): Uint8Array {
    const { out, start, shared } = this;
    const small = out.sizeBytes - start <= ROOM_BYTES;
    if (small && out === shared) return out.view(start);
    const block = out.view(start).slice();
    // A buffer that had to grow is one to write large blocks in.
    if (out === shared && out.sizeBytes > SLAB_BYTES) {
      this.wide = out;
      this.renew();
    } else out.back(start);
    this.wide.clear();
    this.out = small ? this.shared : this.wide;
    return block;
  }

  private renew(): void {
    this.shared = new ByteWriter(SLAB_BYTES);
    this.out = this.shared;
  }
}

function writeCells(cells: BlockCells, kernel: Kernel, out: ByteWriter): void {
  out.u8(BLOCK_FORMAT).varint(cells.count);
  for (let i = 0; i < cells.count; i++) {
    out.varint(cells.numbers[i]!).varint(cells.events[i]!).varint(cells.skipped[i]!);
    const slot = cells.slots[i]!;
    if (kernel.write) {
      const start = out.beginPart();
      kernel.write(slot, out);
      out.endPart(start);
    } else out.bytes(kernel.encode(slot));
  }
}

/** Reads the cells of a block one after another, holding one at a time: no object per cell. */
export class BlockCursor {
  cell = -1;
  events = 0;
  skipped = 0;
  /** The last cell that was given and not kept; -1: none. */
  passed = -1;
  /** Where the state lies: [from, until) of `block`. */
  from = 0;
  until = 0;
  readonly block: Uint8Array;
  private at = 0;
  private left = 0;
  /** The cell at hand is to be given again. */
  private kept = false;

  constructor(block: Uint8Array) {
    this.block = block;
    this.rewind();
  }

  /** To before the first cell. */
  rewind(): void {
    if (this.block[0] !== BLOCK_FORMAT) this.fail();
    this.at = 1;
    this.left = this.varint();
    this.cell = -1;
    this.passed = -1;
    this.kept = false;
  }

  /** False behind the last cell. Throws `corrupt_bytes` as `decodeBlock` does. */
  next(): boolean {
    if (this.kept) {
      this.kept = false;
      return true;
    }
    this.passed = this.cell;
    if (this.left === 0) {
      if (this.at !== this.block.length) this.fail();
      return false;
    }
    this.left--;
    this.cell = this.varint();
    this.events = this.varint();
    this.skipped = this.varint();
    const length = this.varint();
    this.from = this.at;
    this.until = this.at + length;
    this.at = this.until;
    if (this.until > this.block.length) this.fail();
    return true;
  }

  /** `next` gives the cell at hand once more. */
  keep(): void {
    this.kept = true;
  }

  private varint(): number {
    const first = this.block[this.at];
    if (first === undefined) return this.fail();
    if (first < 128) {
      this.at++;
      return first;
    }
    const input = new ByteReader(this.block.subarray(this.at));
    const value = input.varint();
    this.at = this.block.length - input.left;
    return value;
  }

  private fail(): never {
    throw new TandemError("corrupt_bytes", { details: { what: "block", at: this.at } });
  }
}

export function decodeBlock(bytes: Uint8Array): StoredCell[] {
  const input = new ByteReader(bytes);
  if (input.u8() !== BLOCK_FORMAT)
    throw new TandemError("corrupt_bytes", { details: { what: "block" } });
  const cells: StoredCell[] = [];
  for (let n = input.varint(); n > 0; n--) cells.push(new StoredCell(input, bytes));
  input.end();
  return cells;
}

// What holds the HyperLogLogs of very many cells, by slot.
import type { BlockCells } from "../../algebra/block-cells.ts";
import type { ByteWriter } from "../../codec/byte-writer.ts";
import type { HyperLogLog } from "../hyperloglog.ts";

export interface HyperLogLogs {
  /** Makes slots [0, slots) usable; new ones are empty. */
  grow(slots: number): void;
  /** Of a hash its first two lanes. It may wait for `settle`, which whoever adds calls before anything else. */
  add(slot: number, h0: number, h1: number): void;
  settle(): void;
  /** The bytes of hyperloglog-codec.ts. */
  encode(slot: number): Uint8Array;
  write?(slot: number, out: ByteWriter): void;
  /** As Kernel.writeBlock. */
  writeBlock?(cells: BlockCells, out: ByteWriter): void;
  /** Of the same precision. */
  load(slot: number, sketch: HyperLogLog): void;
  clear(slot: number): void;
}

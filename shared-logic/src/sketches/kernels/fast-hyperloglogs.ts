// HyperLogLogs of very many cells in the memory of the sketch kernel (assembly/sketch-kernel.as), which adds to them and
// writes whole blocks of them.
import type { BlockCells } from "../../algebra/block-cells.ts";
import type { ByteWriter } from "../../codec/byte-writer.ts";
import {
  instanceOf,
  type Memory,
  moduleOf,
  webAssembly,
} from "../../events/kernels/web-assembly.ts";
import type { HyperLogLog } from "../hyperloglog.ts";
import type { HyperLogLogs } from "./hyperloglogs.ts";
import { SKETCH_KERNEL_MODULE } from "./sketch-kernel-module.ts";

interface Kernel {
  begin(precision: number): void;
  grow(slots: number): void;
  addHashes(n: number): void;
  addEntries(slot: number, n: number): void;
  registers(slot: number): number;
  clear(slot: number): void;
  one(slot: number): number;
  block(count: number): number;
  written(): number;
}

const compiled = moduleOf(SKETCH_KERNEL_MODULE);

export class FastHyperLogLogs implements HyperLogLogs {
  private readonly memory: Memory;
  private readonly kernel: Kernel;
  private readonly at: Readonly<Record<string, number>>;
  private readonly rows: number;
  private waiting = 0;
  private bytes!: Uint8Array;
  private slots!: Int32Array;
  private hashes!: Int32Array;
  private cellNumbers!: Int32Array;
  private cellSlots!: Int32Array;
  private cellEvents!: Float64Array;
  private cellSkipped!: Float64Array;

  /** Undefined where the engine cannot run it. */
  static create(precision: number): FastHyperLogLogs | undefined {
    const module = compiled();
    if (!module || !webAssembly) return undefined;
    try {
      return new FastHyperLogLogs(module, new webAssembly.Memory({ initial: 2 }), precision);
    } catch {
      // No room for one more memory.
      return undefined;
    }
  }

  private constructor(module: object, memory: Memory, precision: number) {
    const { exports, constants } = instanceOf(module, memory);
    this.memory = memory;
    this.kernel = exports as unknown as Kernel;
    this.at = constants;
    this.rows = constants["ROWS"]!;
    this.kernel.begin(precision);
    this.lookAnew();
  }

  grow(slots: number): void {
    this.kernel.grow(slots);
    this.lookAnew();
  }
  add(slot: number, h0: number, h1: number): void {
    const n = this.waiting++;
    this.slots[n] = slot;
    this.hashes[2 * n] = h0;
    this.hashes[2 * n + 1] = h1;
    if (n + 1 === this.rows) this.settle();
  }
  settle(): void {
    if (this.waiting === 0) return;
    this.kernel.addHashes(this.waiting);
    this.waiting = 0;
    this.lookAnew();
  }

  encode(slot: number): Uint8Array {
    const length = this.kernel.one(slot);
    this.lookAnew();
    const from = this.kernel.written() >>> 0;
    return this.bytes.slice(from, from + length);
  }
  writeBlock(cells: BlockCells, out: ByteWriter): void {
    const { count } = cells;
    for (let i = 0; i < count; i++) {
      this.cellNumbers[i] = cells.numbers[i]!;
      this.cellSlots[i] = cells.slots[i]!;
      this.cellEvents[i] = cells.events[i]!;
      this.cellSkipped[i] = cells.skipped[i]!;
    }
    const length = this.kernel.block(count);
    this.lookAnew();
    const from = this.kernel.written() >>> 0;
    out.copy(this.bytes, from, from + length);
  }

  load(slot: number, sketch: HyperLogLog): void {
    this.clear(slot);
    if (sketch.form === "dense") {
      const from = this.kernel.registers(slot) >>> 0;
      this.lookAnew();
      this.bytes.set(sketch.registers, from);
      return;
    }
    const { entries } = sketch;
    for (let from = 0; from < entries.length; from += this.rows) {
      const some = entries.subarray(from, from + this.rows);
      this.hashes.set(some);
      this.kernel.addEntries(slot, some.length);
      this.lookAnew();
    }
  }
  clear(slot: number): void {
    this.kernel.clear(slot);
  }

  /** After whatever may have made room. */
  private lookAnew(): void {
    const { buffer } = this.memory;
    if (this.bytes?.buffer === buffer) return;
    const at = (name: string): number => this.at[name]!;
    this.bytes = new Uint8Array(buffer);
    this.slots = new Int32Array(buffer, at("SLOTS"), this.rows);
    this.hashes = new Int32Array(buffer, at("HASHES"), 2 * this.rows);
    this.cellNumbers = new Int32Array(buffer, at("CELL_NUMBERS"), at("CELLS"));
    this.cellSlots = new Int32Array(buffer, at("CELL_SLOTS"), at("CELLS"));
    this.cellEvents = new Float64Array(buffer, at("CELL_EVENTS"), at("CELLS"));
    this.cellSkipped = new Float64Array(buffer, at("CELL_SKIPPED"), at("CELLS"));
  }
}

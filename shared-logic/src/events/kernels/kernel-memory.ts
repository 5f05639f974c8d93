// The memory of an event kernel: what stands where in it, by the names that assembly/event-kernel.as exports, and views
// of it. They are made anew whenever it grows, which any `room` may do.
import { type Memory, PAGE_BYTES } from "./web-assembly.ts";

/** Rows at a time. */
export const KERNEL_ROWS = 1024;

/** One slot's values, by row; as JsonScanner's of the same names. */
export interface SlotPlane {
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly escaped: Uint8Array;
}

export class KernelMemory {
  status!: Uint8Array;
  sentMs!: Float64Array;
  timeMs!: Float64Array;
  receivedMs!: Float64Array;
  /** Four lanes a row. */
  idHashes!: Uint32Array;
  /** Two lanes a row. */
  userHashes!: Uint32Array;
  userKinds!: Uint8Array;
  flags!: Uint8Array;
  /** Of what `users` found. */
  userPrefixes!: Uint8Array;
  /** Where a row's text stands in the marked bytes' buffer. */
  starts!: Int32Array;
  ends!: Int32Array;
  /** By slot; the last is what `users` found. */
  planes: readonly SlotPlane[] = [];
  /** Of log records: where keys begin, values begin and end, behind where they were written; their partitions and checks. */
  keyAts!: Int32Array;
  valueAts!: Int32Array;
  valueEnds!: Int32Array;
  partitions!: Int32Array;
  checks!: Uint32Array;
  /** By row, of the slot whose codes were made last, and the rows that brought new ones. */
  codes!: Int32Array;
  newRows!: Int32Array;
  /** What stands where. */
  readonly at: Readonly<Record<string, number>>;
  readonly dictionariesAt: number;
  /** Where the caller's bytes go. */
  readonly regionAt: number;
  private readonly memory: Memory;
  protected readonly slots: number;

  constructor(memory: Memory, constants: Readonly<Record<string, number>>, slots: number) {
    this.memory = memory;
    this.slots = slots;
    this.at = constants;
    if (this.at["ROWS"] !== KERNEL_ROWS) throw new TypeError("another kernel");
    this.dictionariesAt = this.at["PLANES"]! + (slots + 1) * this.at["PLANE"]!;
    this.regionAt = (this.dictionariesAt + slots * this.at["DICTIONARY"]! + 63) & ~63;
    this.room(this.regionAt);
  }

  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  /** Makes the memory as large as this at least. */
  room(sizeBytes: number): void {
    const missing = sizeBytes - this.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE_BYTES));
    if (this.status?.buffer !== this.buffer) this.lookAnew();
  }

  private lookAnew(): void {
    const { at, buffer } = this;
    const rows = KERNEL_ROWS;
    this.starts = new Int32Array(buffer, at["STARTS"]!, rows);
    this.ends = new Int32Array(buffer, at["ENDS"]!, rows);
    this.status = new Uint8Array(buffer, at["STATUS"]!, rows);
    this.sentMs = new Float64Array(buffer, at["SENT_MS"]!, rows);
    this.timeMs = new Float64Array(buffer, at["TIME_MS"]!, rows);
    this.receivedMs = new Float64Array(buffer, at["RECEIVED_MS"]!, rows);
    this.idHashes = new Uint32Array(buffer, at["ID_HASHES"]!, 4 * rows);
    this.userHashes = new Uint32Array(buffer, at["USER_HASHES"]!, 2 * rows);
    this.userKinds = new Uint8Array(buffer, at["USER_KINDS"]!, rows);
    this.userPrefixes = new Uint8Array(buffer, at["USER_PREFIXES"]!, rows);
    this.flags = new Uint8Array(buffer, at["FLAGS"]!, rows);
    this.codes = new Int32Array(buffer, at["CODES"]!, rows);
    this.newRows = new Int32Array(buffer, at["NEW_ROWS"]!, rows);
    this.keyAts = new Int32Array(buffer, at["KEY_AT"]!, rows);
    this.valueAts = new Int32Array(buffer, at["VALUE_AT"]!, rows);
    this.valueEnds = new Int32Array(buffer, at["VALUE_END"]!, rows);
    this.partitions = new Int32Array(buffer, at["PARTITIONS"]!, rows);
    this.checks = new Uint32Array(buffer, at["CHECKS"]!, rows);
    this.planes = Array.from({ length: this.slots + 1 }, (_, slot) => {
      const plane = at["PLANES"]! + slot * at["PLANE"]!;
      return {
        kinds: new Uint8Array(buffer, plane, rows),
        starts: new Int32Array(buffer, plane + rows, rows),
        ends: new Int32Array(buffer, plane + 5 * rows, rows),
        escaped: new Uint8Array(buffer, plane + 9 * rows, rows),
      };
    });
  }
}

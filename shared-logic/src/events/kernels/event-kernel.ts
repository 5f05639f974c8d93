// The kernel of assembly/event-kernel.ts, and the memory it works in: one region of bytes, and rows of texts in it,
// KERNEL_ROWS at a time. What it writes stands in views that hold until the next `mark`.
import { FIELD_TEXT } from "../event-columns.ts";
import type { Interner } from "../interner.ts";
import type { ShapeTree } from "../scanner/shape-tree.ts";
import type { Marker } from "../scanner/special-bytes.ts";
import { EVENT_KERNEL_MODULE } from "./event-kernel-module.ts";
import { type Memory, PAGE_BYTES, webAssembly } from "./web-assembly.ts";

/** STATUS of a row: the twin is to look; its slots hold; its facts hold too. */
export const ROW_UNKNOWN = 0;
export const ROW_KNOWN = 1;
export const ROW_GOOD = 2;

/** The code of a row's text that is still to be looked at. */
export const PENDING = -2;

/** Rows at a time. */
export const KERNEL_ROWS = 1024;

interface Kernel {
  mark(from: number, until: number, out: number): void;
  region(at: number, marks: number, from: number, slots: number): void;
  match(count: number): number;
  elements(at: number, until: number, row: number): number;
  walkedRows(): number;
  eventSlots(...slots: readonly number[]): void;
  limits(eventBytes: number, idBytes: number): void;
  facts(from: number, until: number, imported: number, now: number): number;
  forget(dictionary: number): void;
  codes(slot: number, count: number, dictionary: number): number;
}

/** Whose codes a slot's dictionary stands for. */
interface SlotCodes {
  interner: Interner | undefined;
  generation: number;
  size: number;
  /** By code of the dictionary, the interner's. */
  readonly codes: Int32Array;
}

/** The slots of an event's own fields, in the order of the kernel's `eventSlots`. */
export interface EventSlots {
  readonly event_id: number;
  readonly event_type: number;
  readonly timestamp: number;
  readonly user_id: number;
  readonly anonymous_id: number;
  readonly session_id: number;
  readonly sent_at: number;
  readonly received_at: number;
  readonly version: number;
  readonly properties: number;
  readonly context: number;
}

/** One slot's values, by row; as JsonScanner's of the same names. */
export interface SlotPlane {
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly escaped: Uint8Array;
}

const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
let compiled: object | false | undefined;

/** Undefined where the engine has no WebAssembly with SIMD. */
function compile(): object | undefined {
  if (compiled === undefined) {
    compiled = false;
    try {
      if (webAssembly && littleEndian) compiled = new webAssembly.Module(EVENT_KERNEL_MODULE());
    } catch {
      // Without SIMD the module is no valid one.
    }
  }
  return compiled === false ? undefined : compiled;
}

export class EventKernel implements Marker {
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
  /** Where a row's text stands in the marked bytes' buffer. */
  starts!: Int32Array;
  ends!: Int32Array;
  /** By slot. */
  planes: readonly SlotPlane[] = [];
  private readonly kernel: Kernel;
  private readonly memory: Memory;
  private readonly at: Readonly<Record<string, number>>;
  private readonly slots: number;
  private readonly dictionariesAt: number;
  private readonly regionAt: number;
  private readonly slotCodes: SlotCodes[];
  private codes!: Int32Array;
  private newRows!: Int32Array;
  private treeVersion = -1;

  /** Undefined where the engine cannot run it. */
  static create(slots: number): EventKernel | undefined {
    const module = compile();
    return module && webAssembly ? new EventKernel(slots, module) : undefined;
  }

  private constructor(slots: number, module: object) {
    if (!webAssembly) throw new TypeError("no WebAssembly");
    this.slots = slots;
    this.memory = new webAssembly.Memory({ initial: 1 });
    const { exports } = new webAssembly.Instance(module, { env: { memory: this.memory } });
    this.kernel = exports as unknown as Kernel;
    const constants = Object.entries(exports).filter(([, value]) => typeof value === "object");
    this.at = Object.fromEntries(
      constants.map(([name, value]) => [name, (value as { value: number }).value]),
    );
    if (this.at["ROWS"] !== KERNEL_ROWS) throw new TypeError("another kernel");
    this.dictionariesAt = this.at["PLANES"]! + slots * this.at["PLANE"]!;
    this.regionAt = (this.dictionariesAt + slots * this.at["DICTIONARY"]! + 63) & ~63;
    this.slotCodes = Array.from({ length: slots }, () => ({
      interner: undefined,
      generation: -1,
      size: 0,
      codes: new Int32Array(this.at["SEATS"]!),
    }));
    this.room(this.regionAt);
  }

  /** As Marker.mark; also makes `bytes[from, until)` the region that rows stand in. */
  mark(bytes: Uint8Array, from: number, until: number): Uint32Array {
    const sizeBytes = ((until - from + 63) >>> 6) << 6;
    const wordsAt = this.regionAt + sizeBytes;
    // One word more: a search may begin right behind the end.
    this.room(wordsAt + (sizeBytes >>> 3) + 8);
    const { buffer } = this.memory;
    new Uint8Array(buffer, this.regionAt).set(bytes.subarray(from, until));
    this.kernel.mark(this.regionAt, wordsAt, wordsAt);
    this.kernel.region(this.regionAt, wordsAt, from, this.slots);
    return new Uint32Array(buffer, wordsAt, sizeBytes >>> 5);
  }

  /** Row r becomes the text `[starts[row + r], ends[row + r])`, r < count, empty for none; how many are known. */
  match(tree: ShapeTree, starts: Int32Array, ends: Int32Array, row: number, count: number): number {
    this.take(tree);
    this.starts.set(starts.subarray(row, row + count));
    this.ends.set(ends.subarray(row, row + count));
    return this.kernel.match(count);
  }

  /**
   * Rows from `row` on become the elements of an array, as long as they are known and a comma and more follow:
   * how many. `next` is where the one behind them begins, which this does not know or has no room for.
   */
  elements(
    tree: ShapeTree,
    at: number,
    until: number,
    row: number,
  ): { rows: number; next: number } {
    this.take(tree);
    const next = this.kernel.elements(at, until, row);
    return { rows: this.kernel.walkedRows(), next };
  }

  /** For `facts`. */
  expect(slots: EventSlots, eventBytes: number, idBytes: number): void {
    const s = slots;
    this.kernel.eventSlots(
      ...[s.event_id, s.event_type, s.timestamp, s.user_id, s.anonymous_id, s.session_id],
      ...[s.sent_at, s.received_at, s.version, s.properties, s.context],
    );
    this.kernel.limits(eventBytes, idBytes);
  }

  /**
   * The facts of rows [from, until) that are known, with the times that decideTime decides: by `now` or, of
   * imported ones (undefined), by what they say. How many are good.
   */
  facts(from: number, until: number, now: number | undefined): number {
    return this.kernel.facts(from, until, now === undefined ? 1 : 0, now ?? 0);
  }

  /**
   * Writes to `out[row + r]`, r < count, the code that `interner` gives to the text of row r in a slot: a
   * negative one where it has none (NO_TEXT) or the caller is to look (PENDING). `bytes`: the marked ones.
   */
  intern(
    slot: number,
    count: number,
    bytes: Uint8Array,
    interner: Interner,
    out: Int32Array,
    row: number,
  ): void {
    const known = this.slotCodes[slot]!;
    const dictionary = this.dictionariesAt + slot * this.at["DICTIONARY"]!;
    if (known.interner !== interner || known.generation !== interner.generation) {
      this.kernel.forget(dictionary);
      known.interner = interner;
      known.generation = interner.generation;
      known.size = 0;
    }
    const { starts, ends } = this.planes[slot]!;
    const fresh = this.kernel.codes(slot, count, dictionary);
    for (let k = 0; k < fresh; k++) {
      const r = this.newRows[k]!;
      known.codes[known.size++] = interner.intern(bytes, starts[r]!, ends[r]!);
    }
    const { codes } = this;
    for (let r = 0; r < count; r++) {
      const code = codes[r]!;
      out[row + r] = code < 0 ? code : known.codes[code]!;
    }
  }

  /** Whether a row's slot holds a text of one byte at least. */
  hasText(slot: number, row: number): boolean {
    const { kinds, starts, ends } = this.planes[slot]!;
    return kinds[row] === FIELD_TEXT && starts[row]! < ends[row]!;
  }

  private take(tree: ShapeTree): void {
    if (tree.version === this.treeVersion) return;
    this.treeVersion = tree.version;
    const { at } = this;
    const { buffer } = this.memory;
    const ints = (name: string, values: Int32Array): void =>
      new Int32Array(buffer, at[name]!, values.length).set(values);
    new Uint8Array(buffer, at["SEGMENTS"]!).set(tree.segments);
    ints("FROM", tree.from);
    ints("LENGTH", tree.length);
    ints("FIRST", tree.first);
    ints("NEXT", tree.next);
    ints("SLOT", tree.slot);
    ints("FIRST_MARK", tree.firstMark);
    ints("MARK_COUNT", tree.marks);
    ints("MARK_SLOTS", tree.markSlots);
    ints("MARK_ATS", tree.markAts);
    new Uint8Array(buffer, at["MARK_KINDS"]!).set(tree.markKinds);
  }

  private room(sizeBytes: number): void {
    const missing = sizeBytes - this.memory.buffer.byteLength;
    if (missing <= 0 && this.status) return;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE_BYTES));
    this.lookAnew();
  }

  private lookAnew(): void {
    const { at } = this;
    const { buffer } = this.memory;
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
    this.flags = new Uint8Array(buffer, at["FLAGS"]!, rows);
    this.codes = new Int32Array(buffer, at["CODES"]!, rows);
    this.newRows = new Int32Array(buffer, at["NEW_ROWS"]!, rows);
    this.planes = Array.from({ length: this.slots }, (_, slot) => {
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

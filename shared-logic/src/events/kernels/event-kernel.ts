// The kernel of assembly/event-kernel.as, and the memory it works in: one region of bytes, and rows of texts in it,
// KERNEL_ROWS at a time. What it writes stands in views that hold until the next `mark`.
import type { AppendRecord } from "../../ports/event-log.ts";
import { FIELD_TEXT } from "../event-columns.ts";
import { ID_BYTES } from "../event-limits.ts";
import type { Interner } from "../interner.ts";
import { RECORD_HEADER_BYTES, type TakeBytes } from "../record.ts";
import type { ShapeTree } from "../scanner/shape-tree.ts";
import type { Marker } from "../scanner/special-bytes.ts";
import { EVENT_KERNEL_MODULE } from "./event-kernel-module.ts";
import { KernelMemory } from "./kernel-memory.ts";
import { webAssembly } from "./web-assembly.ts";

export { KERNEL_ROWS, type SlotPlane } from "./kernel-memory.ts";

/** STATUS of a row: the twin is to look; its slots hold; its facts hold too. */
export const ROW_UNKNOWN = 0;
export const ROW_KNOWN = 1;
export const ROW_GOOD = 2;

/** The code of a row's text that is still to be looked at. */
export const PENDING = -2;

interface Kernel {
  mark(from: number, until: number, out: number): void;
  region(at: number, marks: number, from: number, slots: number): void;
  match(count: number): number;
  elements(at: number, until: number, most: number): number;
  walkedRows(): number;
  eventSlots(...slots: readonly number[]): void;
  limits(eventBytes: number, idBytes: number): void;
  facts(from: number, until: number, imported: number, now: number): number;
  forget(dictionary: number): void;
  codes(slot: number, count: number, dictionary: number, least: number): number;
  encode(count: number, tenantBytes: number, partitions: number, out: number): number;
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

export class EventKernel extends KernelMemory implements Marker {
  private readonly kernel: Kernel;
  private readonly slotCodes: SlotCodes[];
  private wordsAt = 0;
  /** Behind the marked bytes and their marks. */
  private recordsAt = 0;
  private treeVersion = -1;

  /** Undefined where the engine cannot run it. */
  static create(slots: number): EventKernel | undefined {
    const module = compile();
    return module && webAssembly ? new EventKernel(slots, module) : undefined;
  }

  private constructor(slots: number, module: object) {
    if (!webAssembly) throw new TypeError("no WebAssembly");
    const memory = new webAssembly.Memory({ initial: 1 });
    const { exports } = new webAssembly.Instance(module, { env: { memory } });
    super(memory, exports, slots);
    this.kernel = exports as unknown as Kernel;
    this.slotCodes = Array.from({ length: slots }, () => ({
      interner: undefined,
      generation: -1,
      size: 0,
      codes: new Int32Array(this.at["SEATS"]!),
    }));
  }

  /** As Marker.mark; also makes `bytes[from, until)` the region that rows stand in. */
  mark(bytes: Uint8Array, from: number, until: number): Uint32Array {
    const sizeBytes = ((until - from + 63) >>> 6) << 6;
    const wordsAt = this.regionAt + sizeBytes;
    // One word more: a search may begin right behind the end.
    this.recordsAt = wordsAt + (sizeBytes >>> 3) + 8;
    this.room(this.recordsAt);
    const { buffer } = this;
    new Uint8Array(buffer, this.regionAt).set(bytes.subarray(from, until));
    this.kernel.mark(this.regionAt, wordsAt, wordsAt);
    this.kernel.region(this.regionAt, wordsAt, from, this.slots);
    this.wordsAt = wordsAt;
    return this.words;
  }

  /** The marks of what was marked last; anew after whatever may have made room. */
  get words(): Uint32Array {
    return new Uint32Array(this.buffer, this.wordsAt, (this.wordsAt - this.regionAt) >>> 5);
  }

  /** Row r becomes the text `[starts[row + r], ends[row + r])`, r < count, empty for none; how many are known. */
  match(tree: ShapeTree, starts: Int32Array, ends: Int32Array, row: number, count: number): number {
    this.take(tree);
    this.starts.set(starts.subarray(row, row + count));
    this.ends.set(ends.subarray(row, row + count));
    return this.kernel.match(count);
  }

  /**
   * Rows 0, 1, …, at most `most`, become the elements of the array one of which begins at `at`, as long as they are
   * known and another one or the array's end follows: how many. `next`: where it goes on, `until` at the end.
   */
  elements(
    tree: ShapeTree,
    at: number,
    until: number,
    most: number,
  ): { readonly rows: number; readonly next: number } {
    this.take(tree);
    const next = this.kernel.elements(at, until, most);
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

  /** Appends to `to` the log records of rows [0, count), all good, in bytes that `take` gives. */
  records(
    count: number,
    tenant: Uint8Array,
    partitions: number,
    take: TakeBytes,
    to: AppendRecord[],
  ): void {
    const { at, starts, ends, recordsAt } = this;
    let most = count * (RECORD_HEADER_BYTES + 2 * tenant.length + 1 + 2 * ID_BYTES);
    for (let r = 0; r < count; r++) most += ends[r]! - starts[r]!;
    this.room(recordsAt + most);
    const { buffer } = this;
    new Uint8Array(buffer, at["TENANT"]!, tenant.length).set(tenant);
    const sizeBytes = this.kernel.encode(count, tenant.length, partitions, recordsAt) - recordsAt;
    const bytes = take(sizeBytes);
    bytes.set(new Uint8Array(buffer, recordsAt, sizeBytes));
    const { keyAts, valueAts, valueEnds } = this;
    for (let r = 0; r < count; r++) {
      const valueAt = valueAts[r]!;
      to.push({
        partition: this.partitions[r]!,
        key: bytes.subarray(keyAts[r]!, valueAt),
        value: bytes.subarray(valueAt, valueEnds[r]!),
      });
    }
  }

  /** The longest tenant that `records` takes, in bytes. */
  get tenantBytes(): number {
    return this.at["TENANT_BYTES"]!;
  }

  /**
   * Writes to `out[row + r]`, r < count, the code that `interner` gives to the text of row r in a slot: a
   * negative one where it has none (NO_TEXT) or the caller is to look (PENDING), as at all rows of a status below
   * `least`. `bytes`: the marked ones.
   */
  intern(
    slot: number,
    count: number,
    bytes: Uint8Array,
    interner: Interner,
    out: Int32Array,
    row: number,
    least: number,
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
    const fresh = this.kernel.codes(slot, count, dictionary, least);
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
    const { buffer } = this;
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
}

// The kernel of assembly/event-kernel.as, and the memory it works in: one region of bytes, and rows of texts in it,
// KERNEL_ROWS at a time. What it writes stands in views that hold until the next `begin`.
import type { AppendRecord } from "../../ports/event-log.ts";
import { ID_BYTES } from "../event-limits.ts";
import type { Interner } from "../interner.ts";
import { PackedRecord } from "../packed-record.ts";
import { RECORD_HEADER_BYTES } from "../record.ts";
import type { Recording } from "../recording.ts";
import { END, type ShapeTree } from "../scanner/shape-tree.ts";
import type { Marker } from "../scanner/special-bytes.ts";
import { EVENT_KERNEL_MODULE } from "./event-kernel-module.ts";
import { KernelMemory, type SlotPlane } from "./kernel-memory.ts";
import { instanceOf, moduleOf, webAssembly } from "./web-assembly.ts";

export { KERNEL_ROWS, type SlotPlane } from "./kernel-memory.ts";

/** STATUS of a row: the twin is to look; its slots hold; its facts hold too. */
export const ROW_UNKNOWN = 0;
export const ROW_KNOWN = 1;
export const ROW_GOOD = 2;

/** A search for a string's end looks so far beyond it at most. */
const FAR_BYTES = 96;

/** The code of a row's text that is still to be looked at. */
export const PENDING = -2;

interface Kernel {
  markTo(until: number): void;
  region(at: number, from: number, slots: number, words: number): void;
  match(count: number): number;
  elements(at: number, until: number, most: number): number;
  lines(at: number, until: number, most: number): number;
  walkedRows(): number;
  eventSlots(...slots: readonly number[]): void;
  limits(eventBytes: number, idBytes: number): void;
  facts(from: number, until: number, imported: number, now: number): number;
  users(count: number, user: number, anonymous: number): void;
  forget(dictionary: number): void;
  codes(slot: number, count: number, dictionary: number, least: number): number;
  encode(
    count: number,
    tenantBytes: number,
    partitions: number,
    out: number,
    checks: number,
  ): number;
}

/** How texts that are walked through follow one another. */
export type RunTexts = "elements" | "lines";

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

const compiled = moduleOf(EVENT_KERNEL_MODULE);

export class EventKernel extends KernelMemory implements Marker {
  private readonly kernel: Kernel;
  private readonly slotCodes: SlotCodes[];
  private wordsAt = 0;
  /** Behind the marked bytes and their marks. */
  private recordsAt = 0;
  private treeVersion = -1;

  /** Undefined where the engine cannot run it. */
  static create(slots: number): EventKernel | undefined {
    const module = compiled();
    return module && webAssembly ? new EventKernel(slots, module) : undefined;
  }

  private constructor(slots: number, module: object) {
    if (!webAssembly) throw new TypeError("no WebAssembly");
    const memory = new webAssembly.Memory({ initial: 1 });
    const { exports, constants } = instanceOf(module, memory);
    super(memory, constants, slots);
    this.kernel = exports as unknown as Kernel;
    this.slotCodes = Array.from({ length: slots }, () => ({
      interner: undefined,
      generation: -1,
      size: 0,
      codes: new Int32Array(this.at["SEATS"]!),
    }));
  }

  /** Makes `bytes[from, until)` the region that rows stand in. */
  begin(bytes: Uint8Array, from: number, until: number): void {
    const sizeBytes = ((until - from + 63) >>> 6) << 6;
    this.wordsAt = this.regionAt + sizeBytes;
    // One word more: a search may begin right behind the end.
    this.recordsAt = this.wordsAt + (sizeBytes >>> 3) + 8;
    this.room(this.recordsAt + FAR_BYTES);
    new Uint8Array(this.buffer, this.regionAt).set(bytes.subarray(from, until));
    this.kernel.region(this.regionAt, from, this.slots, this.wordsAt);
  }

  /** As Marker.mark; also begins. */
  mark(bytes: Uint8Array, from: number, until: number): Uint32Array {
    this.begin(bytes, from, until);
    return this.words;
  }

  /** The marks of what was begun last, for the twin; anew after whatever may have made room. */
  get words(): Uint32Array {
    this.kernel.markTo(this.wordsAt);
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
   * Rows 0, 1, …, at most `most`, become the texts from `at` on, where one begins, as long as they are known: how many.
   * `next`: where the next one begins, `until` or more at the end. They are elements of an array, as long as another one
   * or the array's end follows; or lines without the white space around them, none behind an empty one.
   */
  walk(
    tree: ShapeTree,
    texts: RunTexts,
    at: number,
    until: number,
    most: number,
  ): { readonly rows: number; readonly next: number } {
    this.take(tree);
    const next = this.kernel[texts](at, until, most);
    return { rows: this.kernel.walkedRows(), next };
  }

  /** For `facts`. */
  expect(slots: EventSlots, eventBytes: number, idBytes: number): void {
    const s = slots;
    const fields = [
      ...[s.event_id, s.event_type, s.timestamp, s.user_id, s.anonymous_id, s.session_id],
      ...[s.sent_at, s.received_at, s.version, s.properties, s.context],
    ];
    this.kernel.eventSlots(...fields.map((slot) => this.slotAt(slot)));
    this.kernel.limits(eventBytes, idBytes);
  }

  /**
   * The facts of rows [from, until) that are known, with the times that decideTime decides: by `now` or, of
   * imported ones (undefined), by what they say. How many are good.
   */
  facts(from: number, until: number, now: number | undefined): number {
    return this.kernel.facts(from, until, now === undefined ? 1 : 0, now ?? 0);
  }

  /** Who rows [0, count) are of, by their texts in two slots: the last plane, and `userPrefixes`. */
  users(count: number, user: number, anonymous: number): SlotPlane {
    this.kernel.users(count, this.slotAt(user), this.slotAt(anonymous));
    return this.planes[this.slots]!;
  }

  /** Appends to `to` the log records of rows [0, count), all good, in bytes that `take` gives, with `PackedRecord.check` where `checked`. */
  records(
    count: number,
    { tenant, partitions, take, checked }: Recording,
    to: AppendRecord[],
  ): void {
    const { at, starts, ends, recordsAt } = this;
    let most = count * (RECORD_HEADER_BYTES + 2 * tenant.length + 1 + 2 * ID_BYTES);
    for (let r = 0; r < count; r++) most += ends[r]! - starts[r]!;
    this.room(recordsAt + most);
    const { buffer } = this;
    new Uint8Array(buffer, at["TENANT"]!, tenant.length).set(tenant);
    const { kernel } = this;
    const sizeBytes =
      kernel.encode(count, tenant.length, partitions, recordsAt, checked ? 1 : 0) - recordsAt;
    const bytes = take(sizeBytes);
    bytes.set(new Uint8Array(buffer, recordsAt, sizeBytes));
    const { keyAts, valueAts, valueEnds, checks } = this;
    for (let r = 0; r < count; r++) {
      const [keyAt, valueAt, end] = [keyAts[r]!, valueAts[r]!, valueEnds[r]!];
      const check = checked ? checks[r]! : undefined;
      to.push(new PackedRecord(this.partitions[r]!, bytes, keyAt, valueAt, end, check));
    }
  }

  /** The longest tenant that `records` takes, in bytes. */
  get tenantBytes(): number {
    return this.at["TENANT_BYTES"]!;
  }

  /**
   * Writes to `out[row + r]`, r < count, the code that `interner` gives to the text of row r in a slot: a
   * negative one where it has none (NO_TEXT) or the caller is to look (PENDING), as at all rows of a status below
   * `least`; how many PENDING ones there are. `bytes`: the marked ones.
   */
  intern(
    slot: number,
    count: number,
    bytes: Uint8Array,
    interner: Interner,
    out: Int32Array,
    row: number,
    least: number,
  ): number {
    const known = this.slotCodes[slot]!;
    const dictionary = this.dictionariesAt + slot * this.at["DICTIONARY"]!;
    if (known.interner !== interner || known.generation !== interner.generation) {
      this.kernel.forget(dictionary);
      known.interner = interner;
      known.generation = interner.generation;
      known.size = 0;
    }
    const { starts, ends } = this.planes[slot]!;
    const fresh = this.kernel.codes(this.slotAt(slot), count, dictionary, least);
    for (let k = 0; k < fresh; k++) {
      const r = this.newRows[k]!;
      known.codes[known.size++] = interner.intern(bytes, starts[r]!, ends[r]!);
    }
    const { codes } = this;
    let pending = 0;
    for (let r = 0; r < count; r++) {
      const code = codes[r]!;
      if (code === PENDING) pending++;
      out[row + r] = code < 0 ? code : known.codes[code]!;
    }
    return pending;
  }

  private take(tree: ShapeTree): void {
    if (tree.version === this.treeVersion) return;
    this.treeVersion = tree.version;
    const { at } = this;
    const { buffer } = this;
    const ints = (name: string, values: Int32Array): void =>
      new Int32Array(buffer, at[name]!, values.length).set(values);
    new Uint8Array(buffer, at["SEGMENTS"]!).set(tree.segments);
    const { from, length, first, next, slot, firstMark, marks } = tree;
    const nodeAt = (n: number): number => (n < 0 ? n : at["TREE"]! + n * at["NODE"]!);
    for (let n = 0; n < tree.size; n++) {
      const node = nodeAt(n);
      const head = Math.min(16, length[n]!);
      new Uint8Array(buffer, node).set(tree.segments.subarray(from[n]!, from[n]! + head));
      const numbers = [
        at["SEGMENTS"]! + from[n]!,
        length[n]!,
        nodeAt(first[n]!),
        nodeAt(next[n]!),
        this.slotAt(slot[n]!),
        firstMark[n]!,
        marks[n]!,
        slot[n] === END || marks[n]! > 0 ? 1 : 0,
      ];
      new Int32Array(buffer, node + at["HEAD_BITS"]!).set([(1 << head) - 1, ...numbers]);
    }
    ints(
      "MARK_SLOTS",
      tree.markSlots.map((s) => this.slotAt(s)),
    );
    ints("MARK_ATS", tree.markAts);
    new Uint8Array(buffer, at["MARK_KINDS"]!).set(tree.markKinds);
  }

  /** A slot as the kernel knows it; what is less than 0 is none. */
  private slotAt(slot: number): number {
    return slot < 0 ? slot : this.at["PLANES"]! + slot * this.at["PLANE"]!;
  }
}

// The columns that stand in events' JSON bodies, for whoever has bodies in a buffer: the log's scanner,
// and readers of archives. Bodies are scanned once per batch, at the first question that needs them, but for
// those whose fields somebody found already; a body that is no JSON has no fields.
import type { FieldColumn } from "./event-columns.ts";
import { FIELD_ABSENT, FIELD_TEXT, USER_ANONYMOUS, USER_ID, USER_NONE } from "./event-columns.ts";
import { USER_PREFIXES } from "./event-hashes.ts";
import { type EventKernel, ROW_GOOD, ROW_KNOWN } from "./kernels/event-kernel.ts";
import type { Kernels } from "./kernels/kernel-choice.ts";
import { SCAN_OK } from "./scanner/json-grammar.ts";
import { UNLIMITED_DEPTH } from "./scanner/json-scanner.ts";
import { compilePaths, type PathTrie } from "./scanner/path-trie.ts";
import { ShapeScanner } from "./scanner/shape-scanner.ts";
import { DEFAULT_INTERNER_LIMIT, type InternerLimit, SliceColumn } from "./slice-column.ts";

/** Bodies of `count` rows; an empty slice for a row without one. */
export interface Bodies {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly count: number;
  /** What record headers or archives say of each row, so that hashes need no body. */
  readonly idHashes?: Uint32Array;
  readonly userHashes?: Uint32Array;
  readonly userKinds?: Uint8Array;
}

const NO_BODIES: Bodies = {
  bytes: new Uint8Array(0),
  starts: new Int32Array(0),
  ends: new Int32Array(0),
  count: 0,
};

/** A scanner and where it keeps what stands at the wanted paths. */
export interface FieldSlots {
  readonly scanner: ShapeScanner;
  /** In the order of the plain columns. */
  readonly plain: readonly number[];
  /** -1 where users are not wanted. */
  readonly user: number;
  readonly anonymous: number;
}

export class BodyColumns {
  /** What a scanner has to find. */
  readonly paths: readonly string[];
  private readonly columns = new Map<string, SliceColumn>();
  private readonly plain: SliceColumn[] = [];
  private readonly user: SliceColumn | undefined;
  private readonly slots: FieldSlots;
  private readonly limit: InternerLimit;
  private bodies: Bodies = NO_BODIES;
  private scanned = true;
  /** 1 for each row that was put. */
  private put = new Uint8Array(0);
  private idKinds = new Uint8Array(0);
  private userKinds = new Uint8Array(0);

  /** `fields`: paths into the body, and `user`. */
  constructor(
    fields: readonly string[],
    limit: InternerLimit = DEFAULT_INTERNER_LIMIT,
    kernels?: Kernels,
  ) {
    this.limit = limit;
    const fill = (): void => {
      if (!this.scanned) this.scanAll();
    };
    for (const path of new Set(fields)) {
      const column = new SliceColumn(fill, path === "user");
      this.columns.set(path, column);
      if (path === "user") this.user = column;
      else this.plain.push(column);
    }
    const paths = [...this.columns.keys()].filter((path) => path !== "user");
    this.paths = this.user ? [...new Set([...paths, "user_id", "anonymous_id"])] : paths;
    const trie: PathTrie = compilePaths(this.paths);
    const scanner = new ShapeScanner(trie, UNLIMITED_DEPTH, kernels);
    this.slots = this.slotsIn(scanner, (path) => trie.slotOf[this.paths.indexOf(path)]!);
  }

  /** `slotOf`: the scanner's slot of each of `paths`. */
  slotsIn(scanner: ShapeScanner, slotOf: (path: string) => number): FieldSlots {
    return {
      scanner,
      plain: [...this.columns.keys()].filter((path) => path !== "user").map(slotOf),
      user: this.user ? slotOf("user_id") : -1,
      anonymous: this.user ? slotOf("anonymous_id") : -1,
    };
  }

  /** Begins a batch of `count` rows in `bytes`: columns of the one before are void. */
  begin(bytes: Uint8Array, count: number): void {
    if (this.put.length < count) this.put = new Uint8Array(2 * count);
    this.put.fill(0, 0, count);
    for (const column of this.columns.values()) column.begin(bytes, count, this.limit);
  }

  /** Takes from `found` what its scanner has just found in the body of `row`. */
  putRow(row: number, found: FieldSlots): void {
    this.put[row] = 1;
    this.write(row, found, true);
  }

  /** As putRow, for those of rows [row, row + count) that the kernel of `found` found good: how many. */
  putRows(row: number, count: number, found: FieldSlots, kernel: EventKernel, good: number): void {
    const { status } = kernel;
    if (good === count) this.put.fill(1, row, row + count);
    else for (let r = 0; r < count; r++) this.put[row + r] = status[r] === ROW_GOOD ? 1 : 0;
    this.writeRows(row, count, found, kernel, ROW_GOOD);
  }

  /** Ends what `begin` began; `bodies` are those of the same bytes. */
  end(bodies: Bodies): void {
    this.bodies = bodies;
    this.scanned = false;
    const { idHashes, userHashes, userKinds } = bodies;
    if (idHashes) {
      this.columns.get("event_id")?.know({ kinds: this.kindsOfIds(), hashes: idHashes, stride: 4 });
    }
    if (userHashes && userKinds) {
      this.user?.know({ kinds: this.kindsOfUsers(userKinds), hashes: userHashes, stride: 2 });
    }
  }

  /** The column of a field asked for at construction, else undefined. */
  field(path: string): FieldColumn | undefined {
    return this.columns.get(path);
  }

  private kindsOfIds(): Uint8Array {
    const { starts, ends, count } = this.bodies;
    if (this.idKinds.length < count) this.idKinds = new Uint8Array(count * 2);
    const { idKinds } = this;
    for (let row = 0; row < count; row++) {
      idKinds[row] = starts[row] === ends[row] ? FIELD_ABSENT : FIELD_TEXT;
    }
    return idKinds;
  }

  private kindsOfUsers(kinds: Uint8Array): Uint8Array {
    const { starts, ends, count } = this.bodies;
    if (this.userKinds.length < count) this.userKinds = new Uint8Array(count * 2);
    const { userKinds } = this;
    for (let row = 0; row < count; row++) {
      const none = kinds[row] === USER_NONE || starts[row] === ends[row];
      userKinds[row] = none ? FIELD_ABSENT : FIELD_TEXT;
    }
    return userKinds;
  }

  private scanAll(): void {
    this.scanned = true;
    const { bytes, starts, ends, count } = this.bodies;
    const { slots, put } = this;
    const { scanner } = slots;
    const first = put.subarray(0, count).indexOf(0);
    // Marking what all rows stand in costs as much as finding their fields.
    if (first < 0) return;
    scanner.begin(bytes, 0, bytes.length);
    for (let row = first; row < count; ) {
      const rows = scanner.rowsAtOnce(count - row);
      // What was put stays; a batch is of one kind, as a rule.
      const some = put.subarray(row, row + rows).includes(1);
      const kernel = some ? undefined : scanner.scanRows(starts, ends, row, rows);
      if (kernel) this.writeRows(row, rows, slots, kernel, ROW_KNOWN);
      const [begin, end] = [row, row + rows];
      for (; row < end; row++) {
        if (put[row] === 1 || kernel?.status[row - begin] === ROW_KNOWN) continue;
        const [from, until] = [starts[row]!, ends[row]!];
        this.write(row, slots, from < until && scanner.scan(bytes, from, until) === SCAN_OK);
        if (kernel && scanner.hasLearned) {
          row++;
          break;
        }
      }
    }
    scanner.end();
  }

  /** What the kernel found; of rows of a status below `least`, anything. */
  private writeRows(
    row: number,
    count: number,
    found: FieldSlots,
    kernel: EventKernel,
    least: number,
  ): void {
    for (let p = 0; p < found.plain.length; p++) {
      this.plain[p]!.take(kernel, found.plain[p]!, row, count, least);
    }
    this.user?.takeUsers(kernel, found.user, found.anonymous, row, count);
  }

  private write(row: number, { scanner, plain, user, anonymous }: FieldSlots, read: boolean): void {
    for (let p = 0; p < plain.length; p++) {
      const column = this.plain[p]!;
      const slot = plain[p]!;
      column.slices[row] = read ? scanner.kinds[slot]! : FIELD_ABSENT;
      column.starts[row] = scanner.starts[slot]!;
      column.ends[row] = scanner.ends[slot]!;
      column.escaped[row] = scanner.escaped[slot]!;
    }
    if (this.user) writeUser(this.user, row, scanner, user, anonymous, read);
  }
}

/** The user is `user_id`, else `anonymous_id`; an empty text is none. */
function writeUser(
  column: SliceColumn,
  row: number,
  { kinds, starts, ends, escaped }: ShapeScanner,
  user: number,
  anonymous: number,
  read: boolean,
): void {
  const present = (slot: number): boolean =>
    read && kinds[slot] === FIELD_TEXT && starts[slot]! < ends[slot]!;
  const kind = present(user) ? USER_ID : present(anonymous) ? USER_ANONYMOUS : USER_NONE;
  const slot = kind === USER_ANONYMOUS ? anonymous : user;
  column.slices[row] = kind === USER_NONE ? FIELD_ABSENT : FIELD_TEXT;
  column.starts[row] = starts[slot]!;
  column.ends[row] = ends[slot]!;
  column.escaped[row] = escaped[slot]!;
  if (column.prefixes) column.prefixes[row] = USER_PREFIXES[kind]!;
}

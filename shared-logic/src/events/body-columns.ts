// The columns that stand in events' JSON bodies, for whoever has bodies in a buffer: the log's scanner,
// and readers of archives. Bodies are scanned once per batch, at the first question that needs them; a
// body that is no JSON has no fields.
import type { FieldColumn } from "./event-columns.ts";
import { FIELD_ABSENT, FIELD_TEXT, USER_ANONYMOUS, USER_ID, USER_NONE } from "./event-columns.ts";
import { USER_PREFIXES } from "./event-hashes.ts";
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

export class BodyColumns {
  private readonly columns = new Map<string, SliceColumn>();
  private readonly plain: SliceColumn[] = [];
  private readonly plainSlots: number[] = [];
  private readonly user: SliceColumn | undefined;
  private readonly userSlot: number = -1;
  private readonly anonymousSlot: number = -1;
  private readonly scanner: ShapeScanner;
  private readonly limit: InternerLimit;
  private bodies: Bodies = NO_BODIES;
  private scanned = true;
  private idKinds = new Uint8Array(0);
  private userKinds = new Uint8Array(0);

  /** `fields`: paths into the body, and `user`. */
  constructor(fields: readonly string[], limit: InternerLimit = DEFAULT_INTERNER_LIMIT) {
    this.limit = limit;
    const fill = (): void => {
      if (!this.scanned) this.scanAll();
    };
    const paths = [...new Set(fields)].filter((f) => f !== "user");
    const wanted = fields.includes("user") ? [...paths, "user_id", "anonymous_id"] : paths;
    const trie: PathTrie = compilePaths(wanted);
    this.scanner = new ShapeScanner(trie, UNLIMITED_DEPTH);
    for (const [i, path] of paths.entries()) {
      const column = new SliceColumn(fill);
      this.columns.set(path, column);
      this.plain.push(column);
      this.plainSlots.push(trie.slotOf[i]!);
    }
    if (fields.includes("user")) {
      this.user = new SliceColumn(fill, true);
      this.columns.set("user", this.user);
      this.userSlot = trie.slotOf[paths.length]!;
      this.anonymousSlot = trie.slotOf[paths.length + 1]!;
    }
  }

  /** Takes the next batch; columns of the one before are void. */
  begin(bodies: Bodies): void {
    this.bodies = bodies;
    this.scanned = false;
    const { bytes, count, idHashes, userHashes, userKinds } = bodies;
    const { limit } = this;
    for (const [path, column] of this.columns) {
      if (path === "event_id" && idHashes) {
        column.begin(bytes, count, limit, {
          kinds: this.kindsOfIds(),
          hashes: idHashes,
          stride: 4,
        });
      } else if (path === "user" && userHashes && userKinds) {
        const kinds = this.kindsOfUsers(userKinds);
        column.begin(bytes, count, limit, { kinds, hashes: userHashes, stride: 2 });
      } else {
        column.begin(bytes, count, limit);
      }
    }
  }

  /** The column of a field asked for at construction, else undefined. */
  field(path: string): FieldColumn | undefined {
    return this.columns.get(path);
  }

  private kindsOfIds(): Uint8Array {
    const { starts, ends, count } = this.bodies;
    if (this.idKinds.length < count) this.idKinds = new Uint8Array(count * 2);
    for (let row = 0; row < count; row++) {
      this.idKinds[row] = starts[row] === ends[row] ? FIELD_ABSENT : FIELD_TEXT;
    }
    return this.idKinds;
  }

  private kindsOfUsers(kinds: Uint8Array): Uint8Array {
    const { starts, ends, count } = this.bodies;
    if (this.userKinds.length < count) this.userKinds = new Uint8Array(count * 2);
    for (let row = 0; row < count; row++) {
      const none = kinds[row] === USER_NONE || starts[row] === ends[row];
      this.userKinds[row] = none ? FIELD_ABSENT : FIELD_TEXT;
    }
    return this.userKinds;
  }

  private scanAll(): void {
    this.scanned = true;
    const { bytes, starts, ends, count } = this.bodies;
    const { scanner, plain, plainSlots } = this;
    for (let row = 0; row < count; row++) {
      const from = starts[row]!;
      const until = ends[row]!;
      const read = from < until && scanner.scan(bytes, from, until) === SCAN_OK;
      for (let p = 0; p < plain.length; p++) {
        const column = plain[p]!;
        const slot = plainSlots[p]!;
        column.slices[row] = read ? scanner.kinds[slot]! : FIELD_ABSENT;
        column.starts[row] = scanner.starts[slot]!;
        column.ends[row] = scanner.ends[slot]!;
        column.escaped[row] = scanner.escaped[slot]!;
      }
      if (this.user) this.putUser(this.user, row, read);
    }
  }

  /** The user is `user_id`, else `anonymous_id`; an empty text is none. */
  private putUser(column: SliceColumn, row: number, read: boolean): void {
    const { kinds, starts, ends, escaped } = this.scanner;
    const present = (slot: number): boolean =>
      read && kinds[slot] === FIELD_TEXT && starts[slot]! < ends[slot]!;
    const [u, a] = [this.userSlot, this.anonymousSlot];
    const kind = present(u) ? USER_ID : present(a) ? USER_ANONYMOUS : USER_NONE;
    const slot = kind === USER_ANONYMOUS ? a : u;
    column.slices[row] = kind === USER_NONE ? FIELD_ABSENT : FIELD_TEXT;
    column.starts[row] = starts[slot]!;
    column.ends[row] = ends[slot]!;
    column.escaped[row] = escaped[slot]!;
    if (column.prefixes) column.prefixes[row] = USER_PREFIXES[kind]!;
  }
}

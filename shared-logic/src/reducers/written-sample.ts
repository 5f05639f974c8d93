// Writes a sample of users again and again at the cost of what changed: users who were not touched since are
// copied as the bytes that they were, in one go where they lie together. The bytes are those of `sampleWriter`.
import { ByteWriter } from "../codec/byte-writer.ts";
import { type TextCode, writeTextTable } from "../codec/text-table.ts";
import type { UserSampleTable } from "../sketches/user-sample-table.ts";
import type { PerUserShape } from "./per-user-shape.ts";

const FRESH = -1;

/** Of the sample at hand, by place: which of the users written before it is, and where it is written now. */
let from = new Int32Array(0);
let starts = new Int32Array(1);

export class WrittenSample<S> {
  private readonly shape: PerUserShape<S>;
  private count = 0;
  private hashes = new Uint32Array(0);
  private states: S[] = [];
  /** Of user i: `bytes[starts[i], starts[i + 1])`. */
  private starts = new Int32Array(1);
  private bytes = new Uint8Array(0);
  /** How many states use a text. */
  private readonly uses = new Map<string, number>();
  private textsChanged = true;
  private table: Uint8Array = new Uint8Array(0);
  private code: TextCode = () => 0;

  constructor(shape: PerUserShape<S>) {
    this.shape = shape;
  }

  /** What is held beside the states. */
  get sizeBytes(): number {
    return this.bytes.length + 4 * (this.hashes.length + this.starts.length);
  }

  /** Appends table of texts, number of users and users of a sample of `count`, which is then no longer changed. */
  write(out: ByteWriter, users: UserSampleTable<S>, count: number): void {
    if (users.changed) this.match(users, count);
    if (this.textsChanged) this.makeTable();
    out.raw(this.table).varint(count);
    const at = out.sizeBytes;
    if (users.changed) {
      this.writeUsers(out, at, users, count);
      this.keep(out.view().subarray(at), users, count);
      users.changed = false;
    } else out.raw(this.bytes.subarray(0, this.starts[count]));
    this.textsChanged = false;
  }

  /** Finds who was written before, and counts texts anew for those who are no longer the same. */
  private match({ hashes, states, touched, order }: UserSampleTable<S>, count: number): void {
    if (from.length < count) {
      from = new Int32Array(2 * count);
      starts = new Int32Array(2 * count + 1);
    }
    let j = 0;
    for (let i = 0; i < count; i++) {
      const entry = order[i]!;
      const [hi, lo] = [hashes[2 * entry]!, hashes[2 * entry + 1]!];
      while (j < this.count && this.isBefore(j, hi, lo)) this.release(this.states[j++]!);
      const known = j < this.count && this.hashes[2 * j] === hi && this.hashes[2 * j + 1] === lo;
      from[i] = known && touched[entry] === 0 ? j : FRESH;
      if (from[i] === FRESH) {
        const [now, before] = [states[entry]!, known ? this.states[j] : undefined];
        // A state that was changed in its place has the texts that it had.
        if (now !== before) {
          this.hold(now);
          if (before !== undefined) this.release(before);
        }
      }
      if (known) j++;
    }
    while (j < this.count) this.release(this.states[j++]!);
  }

  private isBefore(j: number, hi: number, lo: number): boolean {
    const own = this.hashes[2 * j]!;
    return own < hi || (own === hi && this.hashes[2 * j + 1]! < lo);
  }

  private hold(state: S): void {
    this.shape.texts(state, (text) => {
      const uses = this.uses.get(text);
      if (uses === undefined) this.textsChanged = true;
      this.uses.set(text, (uses ?? 0) + 1);
    });
  }

  private release(state: S): void {
    this.shape.texts(state, (text) => {
      const uses = this.uses.get(text) ?? 0;
      if (uses > 1) this.uses.set(text, uses - 1);
      else {
        this.uses.delete(text);
        this.textsChanged = true;
      }
    });
  }

  private makeTable(): void {
    const out = new ByteWriter();
    this.code = writeTextTable(out, new Set(this.uses.keys()));
    this.table = out.done();
  }

  private writeUsers(out: ByteWriter, at: number, users: UserSampleTable<S>, count: number): void {
    const { hashes, states, order } = users;
    for (let i = 0; i < count; ) {
      starts[i] = out.sizeBytes - at;
      const first = this.textsChanged ? FRESH : from[i]!;
      if (first === FRESH) {
        const entry = order[i++]!;
        out.u32(hashes[2 * entry]!).u32(hashes[2 * entry + 1]!);
        this.shape.write(out, states[entry]!, this.code);
        continue;
      }
      const shift = starts[i]! - this.starts[first]!;
      let last = first;
      for (i++; i < count && from[i] === last + 1; i++) starts[i] = this.starts[++last]! + shift;
      out.raw(this.bytes.subarray(this.starts[first], this.starts[last + 1]));
    }
    starts[count] = out.sizeBytes - at;
  }

  private keep(bytes: Uint8Array, users: UserSampleTable<S>, count: number): void {
    if (this.bytes.length < bytes.length)
      this.bytes = new Uint8Array(bytes.length + (bytes.length >> 2));
    this.bytes.set(bytes);
    if (this.starts.length <= count) {
      this.starts = new Int32Array(2 * count + 1);
      this.hashes = new Uint32Array(4 * count);
    }
    this.starts.set(starts.subarray(0, count + 1));
    this.states.length = count;
    for (let i = 0; i < count; i++) {
      const entry = users.order[i]!;
      this.hashes[2 * i] = users.hashes[2 * entry]!;
      this.hashes[2 * i + 1] = users.hashes[2 * entry + 1]!;
      this.states[i] = users.states[entry]!;
      users.touched[entry] = 0;
    }
    this.count = count;
  }
}

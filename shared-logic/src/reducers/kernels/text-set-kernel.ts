// Exact sets of texts of many cells, as codes of one text store. As long as all columns share an interner
// its store is the one, and no text is looked at while folding; from the second one on, codes are
// translated into a store of the kernel's own, by bytes, each once per store.

import { type Estimate, exactCount } from "../../algebra/estimate.ts";
import type { Kernel } from "../../algebra/kernel.ts";
import { ByteWriter } from "../../codec/byte-writer.ts";
import type { EventColumns } from "../../events/event-columns.ts";
import { Interner } from "../../events/interner.ts";
import type { TextStore } from "../../events/text-store.ts";
import type { Path } from "../../metrics/selector.ts";
import { beginTexts, decodeTextSet } from "../text-set.ts";
import { CodeSets } from "./code-sets.ts";

const UNKNOWN = -1;

/** The codes of the sets, and what they stand for. */
class SetCodes {
  private store: TextStore | undefined;
  /** Set once codes of several stores have come together. */
  private own: Interner | undefined;
  private source: TextStore | undefined;
  private ownOf = new Int32Array(0);
  private codes = new Int32Array(0);

  get texts(): TextStore | undefined {
    return this.store;
  }

  /** Codes of the sets for the rows' codes in `store`; before the first other one, they are the same. */
  of(
    store: TextStore,
    codes: Int32Array,
    rows: Uint32Array,
    n: number,
    sets: CodeSets,
  ): Int32Array {
    this.store ??= store;
    if (this.own === undefined && store === this.store) return codes;
    const own = this.ownIn(sets);
    if (this.source !== store) {
      this.source = store;
      this.ownOf.fill(UNKNOWN);
    }
    if (this.ownOf.length < store.size) {
      const wider = new Int32Array(store.size * 2).fill(UNKNOWN, this.ownOf.length);
      wider.set(this.ownOf);
      this.ownOf = wider;
    }
    if (this.codes.length < codes.length) this.codes = new Int32Array(codes.length);
    const { bytes, ends } = store;
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      const code = codes[row]!;
      let mine = UNKNOWN;
      if (code >= 0) {
        mine = this.ownOf[code]!;
        if (mine === UNKNOWN) {
          mine = own.intern(bytes, ends[code]!, ends[code + 1]!);
          this.ownOf[code] = mine;
        }
      }
      this.codes[row] = mine;
    }
    return this.codes;
  }

  /** The code of a text that comes from no column. */
  ofText(text: string, sets: CodeSets): number {
    return this.ownIn(sets).internText(text);
  }

  /** Codes are those of `other`, of as many texts as it has now at least. */
  share(other: SetCodes): void {
    this.forget();
    this.store = other.store;
  }

  forget(): void {
    this.store = undefined;
    this.own = undefined;
    this.source = undefined;
  }

  private ownIn(sets: CodeSets): Interner {
    if (this.own) return this.own;
    this.own = new Interner();
    const before = this.store;
    this.store = this.own.hold();
    if (before) {
      const to = new Int32Array(before.size).fill(UNKNOWN);
      for (const code of sets.used()) {
        if (to[code] !== UNKNOWN) continue;
        to[code] = this.own.intern(before.bytes, before.ends[code]!, before.ends[code + 1]!);
      }
      sets.rename(to);
    }
    return this.own;
  }
}

/** Collects the texts at `path`. A row without text is nothing to collect, and not skipped. */
export class TextSetKernel implements Kernel {
  private readonly path: Path;
  private readonly codes = new SetCodes();
  private readonly sets = new CodeSets();
  private ranks = new Int32Array(64);

  constructor(path: Path) {
    this.path = path;
  }

  grow(slots: number): void {
    this.sets.grow(slots);
  }
  fold(columns: EventColumns, rows: Uint32Array, slots: Int32Array, n: number): void {
    const { codes, sets } = this;
    if (sets.wasEmptied) codes.forget();
    const field = columns.field(this.path);
    // First the codes: they are what fills the store.
    const all = field.codes();
    const own = codes.of(field.interner.hold(), all, rows, n, sets);
    sets.addRows(own, rows, slots, n, codes.texts?.size ?? 0);
  }
  rollUp(finer: Kernel, slotOf: Int32Array, n: number): void {
    if (!(finer instanceof TextSetKernel)) throw new TypeError("no kernel of sets");
    this.codes.share(finer.codes);
    this.sets.unite(finer.sets, slotOf, n);
  }
  encode(slot: number): Uint8Array {
    const out = new ByteWriter(1024);
    this.write(slot, out);
    return out.done();
  }
  write(slot: number, out: ByteWriter): void {
    const { codes, sets } = this;
    const count = sets.count(slot);
    beginTexts(count, out);
    if (count === 0 || !codes.texts) return;
    const { ofCode, encoded, starts } = codes.texts.ranks();
    if (this.ranks.length < count) this.ranks = new Int32Array(2 * count);
    const { ranks } = this;
    sets.read(slot, ranks);
    for (let i = 0; i < count; i++) ranks[i] = ofCode[ranks[i]!]!;
    sortNumbers(ranks, count);
    out.gather(encoded, starts, ranks, count);
  }
  present(slot: number): Estimate {
    return exactCount(this.sets.count(slot));
  }
  load(slot: number, bytes: Uint8Array): void {
    const texts = decodeTextSet(bytes);
    this.sets.clear(slot);
    for (const text of texts) this.sets.add(slot, this.codes.ofText(text, this.sets));
  }
  clear(slot: number): void {
    this.sets.clear(slot);
  }
}

/** Up to here, inserting one by one is the fastest. */
const FEW = 24;

function sortNumbers(values: Int32Array, count: number): void {
  if (count > FEW) {
    values.subarray(0, count).sort();
    return;
  }
  for (let i = 1; i < count; i++) {
    const value = values[i]!;
    let j = i - 1;
    for (; j >= 0 && values[j]! > value; j--) values[j + 1] = values[j]!;
    values[j + 1] = value;
  }
}

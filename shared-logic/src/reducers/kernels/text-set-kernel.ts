// Exact sets of texts of many cells, as codes of the kernel's own interner: a column's codes die with its
// interner's generation, so each is translated, once per generation, by its bytes.
import type { Kernel } from "../../algebra/kernel.ts";
import { ByteWriter } from "../../codec/byte-writer.ts";
import { type FieldColumn, NO_TEXT } from "../../events/event-columns.ts";
import { Interner } from "../../events/interner.ts";
import type { Path } from "../../metrics/selector.ts";
import { beginTexts, decodeTextSet } from "../text-set.ts";
import { CodeSets } from "./code-sets.ts";

const UNKNOWN = -1;

/** Own codes by a foreign interner's codes. */
class Translation {
  private source: Interner | undefined;
  private generation = -1;
  private known = new Int32Array(0);

  forget(): void {
    this.source = undefined;
  }

  /** Makes `own(code)` mean the codes of `source`. */
  from(source: Interner): Int32Array {
    if (source !== this.source || source.generation !== this.generation) {
      this.known.fill(UNKNOWN);
      [this.source, this.generation] = [source, source.generation];
    }
    if (this.known.length < source.size) {
      const wider = new Int32Array(source.size * 2).fill(UNKNOWN, this.known.length);
      wider.set(this.known);
      this.known = wider;
    }
    return this.known;
  }
}

/** Collects the texts at `path`. A row without text is nothing to collect, and not skipped. */
export function textSetKernel(path: Path): Kernel {
  const own = new Interner();
  const sets = new CodeSets();
  const translation = new Translation();
  // Places of own codes among all of them by UTF-8, and codes by place; stale once there are more codes.
  let [places, byPlace] = [new Int32Array(0), new Int32Array(0)];

  const clear = (slot: number): void => {
    sets.clear(slot);
    if (sets.size > 0) return;
    own.reset();
    translation.forget();
    [places, byPlace] = [new Int32Array(0), new Int32Array(0)];
  };
  const sortAll = (): void => {
    if (places.length === own.size) return;
    byPlace = Int32Array.from({ length: own.size }, (_, code) => code);
    byPlace.sort((a, b) => own.compare(a, b));
    places = new Int32Array(own.size);
    for (let place = 0; place < byPlace.length; place++) places[byPlace[place]!] = place;
  };
  const write = (slot: number, out: ByteWriter): void => {
    sortAll();
    const sorted = sets.codes(slot);
    for (let i = 0; i < sorted.length; i++) sorted[i] = places[sorted[i]!]!;
    sorted.sort();
    beginTexts(sorted.length, out);
    for (let i = 0; i < sorted.length; i++) own.write(byPlace[sorted[i]!]!, out);
  };
  const fold = (field: FieldColumn, rows: Uint32Array, slots: Int32Array, n: number): void => {
    const codes = field.codes();
    const source = field.interner;
    const known = translation.from(source);
    for (let i = 0; i < n; i++) {
      const code = codes[rows[i]!]!;
      if (code === NO_TEXT) continue;
      let mine = known[code]!;
      if (mine === UNKNOWN) {
        const bytes = source.utf8(code);
        mine = own.intern(bytes, 0, bytes.length);
        known[code] = mine;
      }
      sets.add(slots[i]!, mine);
    }
  };
  return {
    grow: (slots) => sets.grow(slots),
    fold: (columns, rows, slots, n) => fold(columns.field(path), rows, slots, n),
    encode(slot) {
      const out = new ByteWriter(1024);
      write(slot, out);
      return out.done();
    },
    write,
    load(slot, bytes) {
      const texts = decodeTextSet(bytes);
      clear(slot);
      for (const text of texts) sets.add(slot, own.internText(text));
    },
    clear,
  };
}

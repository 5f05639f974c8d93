// Gives every distinct text a small whole number, so that columns carry codes and not strings. Codes
// stay valid until `reset`, which raises `generation`: whoever caches by code compares that first. Whoever
// needs codes for longer holds the store.
import type { ByteWriter } from "../codec/byte-writer.ts";
import { murmur3Lanes } from "../hash/murmur3.ts";
import { chosenKernels } from "./kernels/kernel-choice.ts";
import { TextKernel } from "./kernels/text-kernel.ts";
import { TextKeys } from "./text-keys.ts";
import type { TextSlices } from "./text-slices.ts";
import { TextStore } from "./text-store.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A kernel has a memory of its own: only for texts that come by the thousand. */
const MANY = 4096;

/** In place of a kernel that was given to somebody else. */
const RELEASED: Pick<TextKernel, "internAll" | "clear" | "release"> = {
  internAll(): never {
    throw new TypeError("a text for an interner that was released");
  },
  clear: () => {},
  release: () => {},
};

export class Interner {
  generation = 0;
  private store = new TextStore();
  private isHeld = false;
  private readonly keys = new TextKeys();
  /** In place of `keys`, once many texts have come at once; null where there can be none. */
  private kernel: typeof RELEASED | null | undefined;
  private hashOf = new Uint32Array(256);
  private hashed = 0;
  private texts: (string | undefined)[] = [];

  /** Number of codes given out: they are 0 … size − 1. */
  get size(): number {
    return this.store.size;
  }
  /** Bytes of all texts together. */
  get sizeBytes(): number {
    return this.store.sizeBytes;
  }

  /** First two lanes of each code's hash: [2 · code], [2 · code + 1]. Longer than that; of the codes there are now. */
  get hashes(): Uint32Array {
    const { size, bytes, ends } = this.store;
    if (2 * size + 2 > this.hashOf.length) {
      const wider = new Uint32Array(Math.max(2 * size + 2, this.hashOf.length * 2));
      wider.set(this.hashOf);
      this.hashOf = wider;
    }
    // Four lanes are written, the next code's two overwrite the last two.
    for (; this.hashed < size; this.hashed++) {
      const code = this.hashed;
      murmur3Lanes(bytes, ends[code]!, ends[code + 1]!, this.hashOf, 2 * code);
    }
    return this.hashOf;
  }

  /** The code of the UTF-8 in `source[from, until)`. */
  intern(source: Uint8Array, from: number, until: number): number {
    if (!this.kernel) return this.keys.intern(this.store, source, from, until);
    const code = new Int32Array(1);
    const starts = Int32Array.of(from);
    this.internAll({ bytes: source, starts, ends: Int32Array.of(until) }, 1, code);
    return code[0]!;
  }

  /**
   * The codes of many texts at once, which is faster: of the first `count`, none of them missing, with the byte `prefix`
   * in front of each unless it is 0.
   */
  internAll(texts: TextSlices, count: number, codes: Int32Array, prefix = 0): void {
    if (this.kernel === undefined && count >= MANY) {
      this.kernel = (chosenKernels() === "fast" && TextKernel.create(this.store, count)) || null;
    }
    const keys = this.kernel ?? this.keys;
    keys.internAll(this.store, texts, count, codes, prefix);
  }

  internText(text: string): number {
    const bytes = encoder.encode(text);
    return this.intern(bytes, 0, bytes.length);
  }

  text(code: number): string {
    let text = this.texts[code];
    if (text === undefined) {
      text = decoder.decode(this.utf8(code));
      this.texts[code] = text;
    }
    return text;
  }

  /** Appends a code's UTF-8 with its length, without a view of it. */
  write(code: number, out: ByteWriter): void {
    this.store.write(code, out);
  }

  /** A view of a code's UTF-8, valid until the next `intern`. */
  utf8(code: number): Uint8Array {
    return this.store.utf8(code);
  }

  /** The texts of this generation's codes, also after `reset`. */
  hold(): TextStore {
    this.isHeld = true;
    return this.store;
  }

  /** Its memory for finding texts is for the next one. Codes and their texts stay; no text is interned before a `reset`. */
  release(): void {
    this.kernel?.release();
    this.kernel = RELEASED;
  }

  /** Forgets everything; codes given out before mean nothing any more. */
  reset(): void {
    this.generation++;
    if (this.isHeld) this.store = new TextStore();
    else this.store.clear();
    this.isHeld = false;
    this.hashed = 0;
    this.keys.clear();
    this.kernel?.clear();
    if (this.kernel === RELEASED) this.kernel = undefined;
    this.texts = [];
  }
}

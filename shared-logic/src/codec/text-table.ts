// A table of the texts that a block of bytes repeats, so that each is written once: ascending by UTF-8,
// every one used. A text is then a number, 0 being null. Equal sets of texts, equal bytes.
import { TandemError } from "../errors.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { compareUtf8 } from "./text-order.ts";

export type TextCode = (text: string | null) => number;

/** Writes the table; returns each text's number in it. */
export function writeTextTable(out: ByteWriter, texts: ReadonlySet<string>): TextCode {
  const sorted = [...texts].sort(compareUtf8);
  out.varint(sorted.length);
  const codes = new Map<string, number>();
  for (const text of sorted) {
    out.text(text);
    codes.set(text, codes.size + 1);
  }
  return (text) => (text === null ? 0 : (codes.get(text) ?? 0));
}

const corrupt = (what: string): TandemError =>
  new TandemError("corrupt_bytes", { details: { what } });

export class TextTable {
  private readonly texts: string[] = [];
  private readonly used: Uint8Array;

  constructor(from: ByteReader) {
    const count = from.varint();
    if (count > from.left) throw corrupt("text table");
    for (let i = 0; i < count; i++) {
      const text = from.text();
      const last = this.texts.at(-1);
      if (last !== undefined && compareUtf8(last, text) >= 0) throw corrupt("order of texts");
      this.texts.push(text);
    }
    this.used = new Uint8Array(count);
  }

  get size(): number {
    return this.texts.length;
  }

  text(code: number): string | null {
    if (code === 0) return null;
    const text = this.texts[code - 1];
    if (text === undefined) throw corrupt("text number");
    this.used[code - 1] = 1;
    return text;
  }

  /** Each text's number. */
  codes(): ReadonlyMap<string, number> {
    return new Map(this.texts.map((text, i) => [text, i + 1]));
  }

  /** There are texts that nobody has asked for. */
  get someUnused(): boolean {
    return this.used.includes(0);
  }

  /** Every text must have been asked for. */
  end(): void {
    if (this.someUnused) throw corrupt("unused text");
  }
}

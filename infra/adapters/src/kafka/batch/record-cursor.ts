// Walks the records of one batch without making anything of them: where each value lies, its headers and its
// offset delta. A record that does not fit into its batch is corrupt_bytes.
import { TandemError } from "@tandem/shared-logic";

export class RecordCursor {
  private readonly bytes: { readonly [index: number]: number };
  private at = 0;
  private until = 0;
  /** Of the record that `next` moved to. A null value is an empty one. */
  valueStart = 0;
  valueEnd = 0;
  offsetDelta = -1;
  /** Headers, if any, lie from the value's end to here. */
  end = 0;
  hasHeaders = false;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes as { readonly [index: number]: number };
  }

  enter(from: number, until: number): void {
    this.at = from;
    this.until = until;
    this.offsetDelta = -1;
  }

  next(): void {
    const b = this.bytes;
    const size = this.varint();
    const end = this.at + size;
    if (size < 6 || end > this.until) throw damaged();
    // Attributes and the time, which may take ten bytes.
    let at = this.at + 1;
    while ((b[at] as number) > 127) at++;
    this.at = at + 1;
    const before = this.offsetDelta;
    this.offsetDelta = this.varint();
    const keyBytes = this.varint();
    if (keyBytes > 0) this.at += keyBytes;
    const valueBytes = this.varint();
    this.valueStart = this.at;
    this.valueEnd = valueBytes > 0 ? this.at + valueBytes : this.at;
    if (this.valueEnd >= end || this.at > end || this.offsetDelta <= before) throw damaged();
    this.hasHeaders = b[this.valueEnd] !== 0;
    this.end = end;
    this.at = end;
  }

  private varint(): number {
    const b = this.bytes;
    let at = this.at;
    let byte = b[at++] as number;
    let v = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      if (shift > 28 || at >= this.until) throw damaged();
      byte = b[at++] as number;
      v |= (byte & 127) << shift;
    }
    this.at = at;
    return (v >>> 1) ^ -(v & 1);
  }
}

function damaged(): TandemError {
  return new TandemError("corrupt_bytes", { message: "A record does not fit into its batch." });
}

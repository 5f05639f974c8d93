// The head of a connection's last plain request. Most clients send the same one each time but for the length of the body:
// what is the same byte by byte is not read again.
import { MOST_LENGTH_DIGITS, type PlainHead } from "./plain-head.ts";

/** Every connection may keep so much; a longer head is read each time. */
const KEPT_BYTES = 1024;
/** A client whose heads differ so often, one after the other, has none kept any more. */
const CHANCES = 4;
const LENGTH_FIELD = /\r\ncontent-length:[\t ]*([0-9]+)/i;
const ZERO = 0x30;

export class HeadMemory {
  private chances = CHANCES;
  private bytes: Buffer | undefined;
  private head: PlainHead | undefined;
  /** Where the length's digits stand. */
  private from = 0;
  private until = 0;

  /** `head` is what was read at the beginning of `bytes`. */
  keep(bytes: Buffer, head: PlainHead): void {
    this.head = undefined;
    if (this.chances === 0 || head.sizeBytes > KEPT_BYTES) return;
    const field = LENGTH_FIELD.exec(bytes.toString("latin1", 0, head.sizeBytes));
    if (field === null) return;
    this.chances--;
    this.until = field.index + field[0].length;
    this.from = this.until - field[1]!.length;
    this.head = head;
    this.bytes = Buffer.from(new Uint8Array(bytes.subarray(0, head.sizeBytes)).buffer);
  }

  /** The head at the beginning of `bytes`, where it is the kept one but for the length's digits. */
  find(bytes: Buffer): PlainHead | undefined {
    const { head, bytes: kept, from, until } = this;
    if (head === undefined || kept === undefined) return undefined;
    let end = from;
    let bodyBytes = 0;
    for (; end < from + MOST_LENGTH_DIGITS; end++) {
      const digit = bytes[end]! - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      bodyBytes = 10 * bodyBytes + digit;
    }
    const sizeBytes = end + kept.length - until;
    if (end === from || sizeBytes > bytes.length) return undefined;
    if (kept.compare(bytes, 0, from, 0, from) !== 0) return undefined;
    if (kept.compare(bytes, end, sizeBytes, until) !== 0) return undefined;
    this.chances = CHANCES;
    const { url, origin, asking } = head;
    return { url, origin, asking, sizeBytes, bodyBytes };
  }
}

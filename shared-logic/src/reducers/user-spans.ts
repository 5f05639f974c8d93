// Walks the users in a state's bytes (per-user-exact.ts) without making their states: where each one's name
// and state lie. Bytes that are cut short or out of order throw `corrupt_bytes`.
import { ByteReader } from "../codec/byte-reader.ts";
import { compareSpans } from "../codec/text-order.ts";
import { TextTable } from "../codec/text-table.ts";
import { TandemError } from "../errors.ts";
import { checkHeader, type PerUserHeader } from "./per-user-header.ts";

export class UserSpans {
  readonly bytes: Uint8Array;
  readonly from: ByteReader;
  readonly texts: TextTable;
  /** Where the table of texts begins and ends. */
  readonly tableFrom: number;
  readonly tableUntil: number;
  readonly count: number;
  /** The name at hand: [nameFrom, nameUntil). Its state begins behind it. */
  nameFrom = 0;
  nameUntil = 0;
  private left: number;

  constructor(bytes: Uint8Array, header: PerUserHeader) {
    this.bytes = bytes;
    this.from = new ByteReader(bytes);
    checkHeader(this.from, header);
    this.tableFrom = this.at;
    this.texts = new TextTable(this.from);
    this.tableUntil = this.at;
    this.count = this.from.varint();
    this.left = this.count;
  }

  /** Where the next byte is read. */
  get at(): number {
    return this.bytes.length - this.from.left;
  }

  /** To the next user; whoever calls reads the state, or goes past it, before calling again. */
  next(): boolean {
    if (this.left === 0) {
      this.from.end();
      return false;
    }
    const [lastFrom, lastUntil] = [this.nameFrom, this.nameUntil];
    const length = this.from.varint();
    this.nameFrom = this.from.skip(length);
    this.nameUntil = this.nameFrom + length;
    const { bytes, nameFrom, nameUntil } = this;
    if (
      this.left < this.count &&
      compareSpans(bytes, lastFrom, lastUntil, bytes, nameFrom, nameUntil) >= 0
    )
      throw new TandemError("corrupt_bytes", { details: { what: "order of users" } });
    this.left--;
    return true;
  }

  /** Less than, equal to or greater than zero as this user's name stands before, at or after the other's. */
  compareName(other: UserSpans): number {
    const { bytes, nameFrom, nameUntil } = this;
    return compareSpans(bytes, nameFrom, nameUntil, other.bytes, other.nameFrom, other.nameUntil);
  }
}

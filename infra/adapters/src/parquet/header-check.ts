// Whether a record's header is what record-header.ts would make of the columns kept. The scanner read the
// columns from that very header, so what is left to compare is what the body decides: the hashes and the
// user's kind; and a zero time's sign, which no whole number keeps.
import {
  type EventColumns,
  murmur3Lanes,
  NO_TEXT,
  RECORD_HEADER_BYTES,
  type RecordBatch,
} from "@tandem/shared-logic";
import { kindOfPrefix, type Texts } from "./record-header.ts";
import type { SliceTexts } from "./slice-texts.ts";

const USER_HASH_AT = 20;
const TENANT_LENGTH_AT = 52;
const TYPE_LENGTH_AT = 54;
const lanes = new Uint32Array(4);

export interface HeaderTexts {
  readonly tenants: Texts;
  readonly types: Texts;
  readonly ids: SliceTexts;
  readonly users: Texts;
}

export class HeaderCheck {
  private readonly batch: RecordBatch;
  private readonly scanned: EventColumns;
  private readonly texts: HeaderTexts;
  private readonly userKindOfCode: Uint8Array;
  private readonly view: DataView;

  constructor(batch: RecordBatch, scanned: EventColumns, texts: HeaderTexts) {
    this.batch = batch;
    this.scanned = scanned;
    this.texts = texts;
    const { interner } = texts.users;
    const { bytes, ends } = interner.hold();
    this.userKindOfCode = new Uint8Array(interner.size);
    for (let code = 0; code < interner.size; code++) {
      this.userKindOfCode[code] = kindOfPrefix(bytes[ends[code]!]);
    }
    this.view = new DataView(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.byteLength);
  }

  /** Where the body of an event's record begins; -1 where its header would not come back. */
  bodyStart(row: number): number {
    const { batch, scanned, texts, view } = this;
    const start = batch.starts[row]!;
    const isNegativeZero =
      Object.is(scanned.timeMs[row], -0) ||
      Object.is(scanned.sentMs[row], -0) ||
      Object.is(scanned.receivedMs[row], -0);
    const hasTexts = texts.tenants.codes[row] !== NO_TEXT && texts.types.codes[row] !== NO_TEXT;
    if (isNegativeZero || !hasTexts || !this.isIdHash(row) || !this.isUser(row)) return -1;
    return (
      start +
      RECORD_HEADER_BYTES +
      view.getUint16(start + TENANT_LENGTH_AT, true) +
      view.getUint16(start + TYPE_LENGTH_AT, true)
    );
  }

  private isIdHash(row: number): boolean {
    const { bytes, starts, ends } = this.texts.ids;
    const { idHashes } = this.scanned;
    if (starts[row]! < 0) return false;
    murmur3Lanes(bytes, starts[row]!, ends[row]!, lanes);
    const at = 4 * row;
    return (
      lanes[0] === idHashes[at] &&
      lanes[1] === idHashes[at + 1] &&
      lanes[2] === idHashes[at + 2] &&
      lanes[3] === idHashes[at + 3]
    );
  }

  private isUser(row: number): boolean {
    const { batch, scanned, texts, view } = this;
    const { interner, codes } = texts.users;
    const code = codes[row]!;
    const at = batch.starts[row]! + USER_HASH_AT;
    const [h0, h1] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    if (code === NO_TEXT) return scanned.userKinds[row] === 0 && h0 === 0 && h1 === 0;
    return (
      scanned.userKinds[row] === this.userKindOfCode[code] &&
      h0 === interner.hashes[2 * code] &&
      h1 === interner.hashes[2 * code + 1]
    );
  }
}

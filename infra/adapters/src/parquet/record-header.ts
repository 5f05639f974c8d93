// The header of a collector-made record out of what the archive keeps: its hashes are functions of the
// ids. Writing an object makes sure that this gives the record's own header (header-check.ts).
import {
  encodeRecord,
  type Interner,
  murmur3Lanes,
  NO_TEXT,
  USER_ANONYMOUS,
  USER_ID,
  USER_NONE,
  USER_PREFIXES,
} from "@tandem/shared-logic";

export interface Texts {
  readonly interner: Interner;
  readonly codes: Int32Array;
}

export interface HeaderColumns {
  /** FLAG_* bits. */
  readonly flags: ArrayLike<number>;
  readonly timeMs: Float64Array;
  readonly sentMs: Float64Array;
  readonly receivedMs: Float64Array;
  readonly tenants: Texts;
  readonly types: Texts;
  readonly ids: Texts;
  /** With the byte of their kind in front. */
  readonly users: Texts;
}

const NOTHING = new Uint8Array(0);
const NO_USER = new Uint32Array(2);
const idHash = new Uint32Array(4);

/** USER_* of a user's text. */
export function userKindOf(text: Uint8Array | undefined): number {
  return text === undefined ? USER_NONE : kindOfPrefix(text[0]);
}

/** USER_* by the byte in front of a user's text. */
export const kindOfPrefix = (prefix: number | undefined): number =>
  prefix === USER_PREFIXES[USER_ID] ? USER_ID : USER_ANONYMOUS;

const utf8Of = ({ interner, codes }: Texts, row: number): Uint8Array | undefined =>
  codes[row] === NO_TEXT ? undefined : interner.utf8(codes[row]!);

/** Header, tenant and type of an event's record; undefined where a text that every record has is absent. */
export function headerOf(columns: HeaderColumns, row: number): Uint8Array | undefined {
  const [tenant, type] = [utf8Of(columns.tenants, row), utf8Of(columns.types, row)];
  const id = utf8Of(columns.ids, row);
  if (!tenant || !type || !id) return undefined;
  murmur3Lanes(id, 0, id.length, idHash);
  const { interner, codes } = columns.users;
  const code = codes[row]!;
  return encodeRecord(
    {
      flags: columns.flags[row]!,
      userKind: userKindOf(utf8Of(columns.users, row)),
      idHash,
      userHash: code === NO_TEXT ? NO_USER : interner.hashes.subarray(2 * code, 2 * code + 2),
      sentMs: columns.sentMs[row]!,
      timeMs: columns.timeMs[row]!,
      receivedMs: columns.receivedMs[row]!,
      tenant,
      type,
    },
    NOTHING,
  );
}

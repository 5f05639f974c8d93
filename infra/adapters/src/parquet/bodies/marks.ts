// The marks of a body's shape: control characters, which stand in no JSON text, each in the place of what
// another column of the row holds. Their meaning is stored for ever: never give one another.

/** Columns that hold values of bodies: v1, v2, … */
export const VALUE_COLUMNS = 16;
export const valueColumn = (c: number): string => `v${c + 1}`;

export const MARK_EVENT_ID = 1;
export const MARK_EVENT_TYPE = 2;
/** The plain id, of either kind. */
export const MARK_USER = 3;
export const MARK_SESSION = 4;
export const MARK_TENANT = 5;
/** `sent` as 2026-03-02T00:00:00.000Z, as 2026-03-02T00:00:00Z, and in ms since the epoch. */
export const MARK_SENT_MILLIS = 6;
export const MARK_SENT_SECONDS = 7;
export const MARK_SENT_EPOCH = 8;
/** v1; the others follow. */
export const FIRST_VALUE_MARK = 14;

/** White space may stand in a JSON text; every other control character is a mark or nothing. */
export const isMark = (byte: number): boolean =>
  (byte >= MARK_EVENT_ID && byte <= MARK_SENT_EPOCH) ||
  (byte >= FIRST_VALUE_MARK && byte < FIRST_VALUE_MARK + VALUE_COLUMNS);

/** A piece of a shape: bytes that stand for themselves, or a mark. */
export interface Piece {
  /** 0: `bytes` as they are. */
  readonly mark: number;
  readonly bytes: Uint8Array;
}

/** A shape cut at its marks. */
export function piecesOf(shape: Uint8Array): Piece[] {
  const pieces: Piece[] = [];
  const none = shape.subarray(0, 0);
  let from = 0;
  for (let i = 0; i < shape.length; i++) {
    if (!isMark(shape[i]!)) continue;
    if (i > from) pieces.push({ mark: 0, bytes: shape.slice(from, i) });
    pieces.push({ mark: shape[i]!, bytes: none });
    from = i + 1;
  }
  if (from < shape.length) pieces.push({ mark: 0, bytes: shape.slice(from) });
  return pieces;
}

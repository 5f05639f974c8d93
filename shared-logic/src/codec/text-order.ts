// The project's one order of texts: by their UTF-8 bytes, which is the order of code points. JavaScript
// compares UTF-16 units and so puts U+1F600 before U+FFFD; this does not.

/** A UTF-16 unit moved so that surrogates (astral characters) come after all others. */
const rank = (unit: number): number =>
  unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;

/** Less than, equal to or greater than zero as `a` stands before, at or after `b`. */
export function compareUtf8(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** The same with null before every text. */
export function compareNullableUtf8(a: string | null, b: string | null): number {
  if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1);
  return compareUtf8(a, b);
}

/** The same order, of texts as UTF-8: `a[aFrom, aUntil)` and `b[bFrom, bUntil)`. */
export function compareSpans(
  a: Uint8Array,
  aFrom: number,
  aUntil: number,
  b: Uint8Array,
  bFrom: number,
  bUntil: number,
): number {
  const shared = Math.min(aUntil - aFrom, bUntil - bFrom);
  for (let i = 0; i < shared; i++) {
    const order = a[aFrom + i]! - b[bFrom + i]!;
    if (order !== 0) return order;
  }
  return aUntil - aFrom - (bUntil - bFrom);
}

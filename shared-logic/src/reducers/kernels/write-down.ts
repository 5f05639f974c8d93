// What rows add to sets, as pairs of a slot and a code. Eight rows at a time: V8 asks of each array what it is as often as a
// loop turns, and a loop this long is compiled by itself, with its best compiler.

/**
 * Writes the slots and codes of rows[0, n), as far as they have one, from `from` on; where they end. There is room for n: all
 * are written, and then kept or not.
 */
export function writeDown(
  codes: Int32Array,
  rows: Uint32Array,
  slots: Int32Array,
  n: number,
  toSlots: Int32Array,
  toCodes: Int32Array,
  from: number,
): number {
  let at = from;
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const a = codes[rows[i]!]!;
    const b = codes[rows[i + 1]!]!;
    const c = codes[rows[i + 2]!]!;
    const d = codes[rows[i + 3]!]!;
    const e = codes[rows[i + 4]!]!;
    const f = codes[rows[i + 5]!]!;
    const g = codes[rows[i + 6]!]!;
    const h = codes[rows[i + 7]!]!;
    toSlots[at] = slots[i]!;
    toCodes[at] = a;
    at += ~a >>> 31;
    toSlots[at] = slots[i + 1]!;
    toCodes[at] = b;
    at += ~b >>> 31;
    toSlots[at] = slots[i + 2]!;
    toCodes[at] = c;
    at += ~c >>> 31;
    toSlots[at] = slots[i + 3]!;
    toCodes[at] = d;
    at += ~d >>> 31;
    toSlots[at] = slots[i + 4]!;
    toCodes[at] = e;
    at += ~e >>> 31;
    toSlots[at] = slots[i + 5]!;
    toCodes[at] = f;
    at += ~f >>> 31;
    toSlots[at] = slots[i + 6]!;
    toCodes[at] = g;
    at += ~g >>> 31;
    toSlots[at] = slots[i + 7]!;
    toCodes[at] = h;
    at += ~h >>> 31;
  }
  for (; i < n; i++) {
    const code = codes[rows[i]!]!;
    toSlots[at] = slots[i]!;
    toCodes[at] = code;
    at += ~code >>> 31;
  }
  return at;
}

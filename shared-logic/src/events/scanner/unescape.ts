// The UTF-8 that the inside of a JSON string stands for. A lone surrogate escape becomes U+FFFD, as
// everywhere in Tandem where JSON text becomes UTF-8, or keeps its three generalized bytes (WTF-8),
// which equal no UTF-8: so two keys are equal exactly when JSON.parse says so.

const BACKSLASH = 0x5c;
const U = 0x75;

/** The value of a hex digit; -1 for any other byte. */
export const HEX = new Int8Array(256).fill(-1);
for (let i = 0; i < 10; i++) HEX[0x30 + i] = i;
for (let i = 0; i < 6; i++) HEX[0x41 + i] = HEX[0x61 + i] = 10 + i;

/** What a one-letter escape stands for; 0 where there is no such escape. */
export const ESCAPE = new Uint8Array(256);
for (const [letter, byte] of [
  ['"', 0x22],
  ["\\", 0x5c],
  ["/", 0x2f],
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
] as const) {
  ESCAPE[letter.charCodeAt(0)] = byte;
}

const hex4 = (b: Uint8Array, i: number): number =>
  (HEX[b[i]!]! << 12) | (HEX[b[i + 1]!]! << 8) | (HEX[b[i + 2]!]! << 4) | HEX[b[i + 3]!]!;

export class Unescaper {
  /** The result is bytes[0, length), valid until the next run. */
  bytes = new Uint8Array(512);
  length = 0;
  /** True where a lone surrogate was met. */
  lone = false;

  /**
   * Unescapes `source[from, until)`, which a scanner found well-formed. `prefix` > 0 is a byte to stand
   * in front.
   */
  run(source: Uint8Array, from: number, until: number, prefix = 0, keepLone = false): void {
    if (until - from + 1 > this.bytes.length) this.bytes = new Uint8Array((until - from + 1) * 2);
    const out = this.bytes;
    this.lone = false;
    let n = 0;
    if (prefix > 0) out[n++] = prefix;
    for (let i = from; i < until; ) {
      const c = source[i]!;
      if (c !== BACKSLASH) {
        out[n++] = c;
        i++;
        continue;
      }
      const letter = source[i + 1]!;
      if (letter !== U) {
        out[n++] = ESCAPE[letter]!;
        i += 2;
        continue;
      }
      let code = hex4(source, i + 2);
      i += 6;
      if ((code & 0xf800) === 0xd800) {
        const low =
          code < 0xdc00 && i + 6 <= until && source[i] === BACKSLASH && source[i + 1] === U
            ? hex4(source, i + 2)
            : 0;
        if ((low & 0xfc00) === 0xdc00) {
          code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
          i += 6;
        } else {
          this.lone = true;
          if (!keepLone) code = 0xfffd;
        }
      }
      n = putUtf8(out, n, code);
    }
    this.length = n;
  }
}

function putUtf8(out: Uint8Array, at: number, code: number): number {
  let n = at;
  if (code < 0x80) {
    out[n++] = code;
  } else if (code < 0x800) {
    out[n++] = 0xc0 | (code >> 6);
    out[n++] = 0x80 | (code & 63);
  } else if (code < 0x10000) {
    out[n++] = 0xe0 | (code >> 12);
    out[n++] = 0x80 | ((code >> 6) & 63);
    out[n++] = 0x80 | (code & 63);
  } else {
    out[n++] = 0xf0 | (code >> 18);
    out[n++] = 0x80 | ((code >> 12) & 63);
    out[n++] = 0x80 | ((code >> 6) & 63);
    out[n++] = 0x80 | (code & 63);
  }
  return n;
}

// MurmurHash3_x86_128 with seed 0 (Austin Appleby, public domain): the one hash of the project. Ids use
// all four lanes, users and values the first two.

const rotl = (x: number, r: number): number => (x << r) | (x >>> (32 - r));
const fmix = (h: number): number => {
  let x = h ^ (h >>> 16);
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
};

/** Bytes from which reading by words is worth the view that it takes. */
const LONG = 256;
const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;

const state = new Int32Array(4);

/**
 * The lanes after the whole blocks of `b[from, until)`, in `state`. A function of its own: compiled as a part of
 * the one for short texts, which most calls are of, it is five times as slow in some processes.
 */
function blocksByWords(b: Uint8Array, from: number, until: number): void {
  const words = new DataView(b.buffer, b.byteOffset + from, until - from);
  const { byteLength } = words;
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  for (let i = 0; i < byteLength; i += 16) {
    let k = Math.imul(words.getInt32(i, true), C1);
    h1 ^= Math.imul((k << 15) | (k >>> 17), C2);
    h1 = (Math.imul((((h1 << 19) | (h1 >>> 13)) + h2) | 0, 5) + 0x561ccd1b) | 0;
    k = Math.imul(words.getInt32(i + 4, true), C2);
    h2 ^= Math.imul((k << 16) | (k >>> 16), C3);
    h2 = (Math.imul((((h2 << 17) | (h2 >>> 15)) + h3) | 0, 5) + 0x0bcaa747) | 0;
    k = Math.imul(words.getInt32(i + 8, true), C3);
    h3 ^= Math.imul((k << 17) | (k >>> 15), C4);
    h3 = (Math.imul((((h3 << 15) | (h3 >>> 17)) + h4) | 0, 5) + 0x96cd1c35) | 0;
    k = Math.imul(words.getInt32(i + 12, true), C4);
    h4 ^= Math.imul((k << 18) | (k >>> 14), C1);
    h4 = (Math.imul((((h4 << 13) | (h4 >>> 19)) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  state[0] = h1;
  state[1] = h2;
  state[2] = h3;
  state[3] = h4;
}

/** Writes the four lanes of the hash of `b[from, until)` to `out[at .. at + 3]`. */
export function murmur3Lanes(
  b: Uint8Array,
  from: number,
  until: number,
  out: Uint32Array,
  at = 0,
): void {
  const length = until - from;
  const end = from + (length & ~15);
  let h1 = 0;
  let h2 = 0;
  let h3 = 0;
  let h4 = 0;
  let i = from;
  if (length >= LONG) {
    blocksByWords(b, from, end);
    h1 = state[0]!;
    h2 = state[1]!;
    h3 = state[2]!;
    h4 = state[3]!;
    i = end;
  }
  for (; i < end; i += 16) {
    let k1 = b[i]! | (b[i + 1]! << 8) | (b[i + 2]! << 16) | (b[i + 3]! << 24);
    let k2 = b[i + 4]! | (b[i + 5]! << 8) | (b[i + 6]! << 16) | (b[i + 7]! << 24);
    let k3 = b[i + 8]! | (b[i + 9]! << 8) | (b[i + 10]! << 16) | (b[i + 11]! << 24);
    let k4 = b[i + 12]! | (b[i + 13]! << 8) | (b[i + 14]! << 16) | (b[i + 15]! << 24);
    k1 = Math.imul(rotl(Math.imul(k1, C1), 15), C2);
    h1 = (Math.imul((rotl(h1 ^ k1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    k2 = Math.imul(rotl(Math.imul(k2, C2), 16), C3);
    h2 = (Math.imul((rotl(h2 ^ k2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    k3 = Math.imul(rotl(Math.imul(k3, C3), 17), C4);
    h3 = (Math.imul((rotl(h3 ^ k3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    k4 = Math.imul(rotl(Math.imul(k4, C4), 18), C1);
    h4 = (Math.imul((rotl(h4 ^ k4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  const rest = length & 15;
  if (rest > 0) {
    let k1 = 0;
    let k2 = 0;
    let k3 = 0;
    let k4 = 0;
    for (let j = rest - 1; j >= 12; j--) k4 = (k4 << 8) | b[i + j]!;
    for (let j = Math.min(rest, 12) - 1; j >= 8; j--) k3 = (k3 << 8) | b[i + j]!;
    for (let j = Math.min(rest, 8) - 1; j >= 4; j--) k2 = (k2 << 8) | b[i + j]!;
    for (let j = Math.min(rest, 4) - 1; j >= 0; j--) k1 = (k1 << 8) | b[i + j]!;
    if (rest > 12) h4 ^= Math.imul(rotl(Math.imul(k4, C4), 18), C1);
    if (rest > 8) h3 ^= Math.imul(rotl(Math.imul(k3, C3), 17), C4);
    if (rest > 4) h2 ^= Math.imul(rotl(Math.imul(k2, C2), 16), C3);
    h1 ^= Math.imul(rotl(Math.imul(k1, C1), 15), C2);
  }
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  h2 = (h2 + h1) | 0;
  h3 = (h3 + h1) | 0;
  h4 = (h4 + h1) | 0;
  h1 = fmix(h1);
  h2 = fmix(h2);
  h3 = fmix(h3);
  h4 = fmix(h4);
  h1 = (h1 + h2 + h3 + h4) | 0;
  out[at] = h1;
  out[at + 1] = h2 + h1;
  out[at + 2] = h3 + h1;
  out[at + 3] = h4 + h1;
}

const encoder = new TextEncoder();
/** UTF-8 of short texts. */
const scratch = new Uint8Array(256);

/** Bytes of the text in `scratch`; -1 where it is too long for it, or not ASCII: then the encoder is faster. */
function asciiLength(text: string): number {
  const length = text.length;
  if (length > scratch.length) return -1;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) return -1;
    scratch[i] = code;
  }
  return length;
}

/** The four lanes of a text's UTF-8. */
export function murmur3Text(text: string): Uint32Array {
  const out = new Uint32Array(4);
  const length = asciiLength(text);
  if (length >= 0) {
    murmur3Lanes(scratch, 0, length, out);
  } else {
    const bytes = encoder.encode(text);
    murmur3Lanes(bytes, 0, bytes.length, out);
  }
  return out;
}

/** 32 hex digits. */
export const murmur3Hex = (text: string): string =>
  [...murmur3Text(text)].map((lane) => lane.toString(16).padStart(8, "0")).join("");

// Which bytes of a buffer do not stand for themselves inside a JSON string (quotes, backslashes, controls, bytes
// beyond ASCII), as a bit each, so that a string's end is found by counting zeros (simdjson's first stage:
// Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019). In plain JavaScript here; the kernel
// (kernels/event-kernel.ts) does it by SIMD.
const NO_WORDS = new Uint32Array(0);

/** Marks 32 bytes a word, bit i of word w for byte 32 · w + i. */
export interface Marker {
  /** The words of `bytes[from, until)`, valid until the next call; bits behind the end mean nothing. */
  mark(bytes: Uint8Array, from: number, until: number): Uint32Array;
}

/** 0x80 in each byte of `v` that is 0, exactly. */
const zeros = (v: number): number => ~(((v & 0x7f7f7f7f) + 0x7f7f7f7f) | v | 0x7f7f7f7f);

/** Four bits for the four bytes of `v`. */
function specials(v: number): number {
  const found = zeros(v ^ 0x22222222) | zeros(v ^ 0x5c5c5c5c) | zeros(v & 0x60606060) | v;
  // Bits 7, 15, 23 and 31 move to 28 … 31, each by one term of the product.
  return Math.imul((found >>> 7) & 0x01010101, 0x10204080) >>> 28;
}

/** The twin in plain JavaScript. */
export function plainMarker(): Marker {
  let words = NO_WORDS;
  const tail = new Uint8Array(32);
  const tailView = new DataView(tail.buffer);
  const wordAt = (view: DataView, at: number): number => {
    let word = 0;
    for (let i = 0; i < 32; i += 4) word |= specials(view.getInt32(at + i, true)) << i;
    return word;
  };
  return {
    mark(bytes, from, until) {
      const count = (until - from + 31) >>> 5;
      if (words.length < count) words = new Uint32Array(2 * count);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const whole = (until - from) >>> 5;
      for (let w = 0; w < whole; w++) words[w] = wordAt(view, from + 32 * w);
      if (whole < count) {
        tail.fill(0);
        tail.set(bytes.subarray(from + 32 * whole, until));
        words[whole] = wordAt(tailView, 0);
      }
      return words;
    },
  };
}

/** The first marked byte at `i` or behind, counted from the marked bytes' begin; `until` or more without. */
export function nextMarked(words: Uint32Array, i: number, until: number): number {
  let w = i >>> 5;
  let word = words[w]! & (-1 << (i & 31));
  while (word === 0) {
    if (++w << 5 >= until) return until;
    word = words[w]!;
  }
  return (w << 5) + 31 - Math.clz32(word & -word);
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { murmur2, partitionOf } from "../../src/hash/murmur2.ts";
import { murmur3Hex, murmur3Lanes, murmur3Text } from "../../src/hash/murmur3.ts";
import { below, seededRandom } from "../../src/ports/random.ts";

const utf8 = new TextEncoder();

test("murmur2 gives the values of Kafka's own tests", () => {
  for (const [text, hash] of [
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
  ] as const) {
    assert.equal(murmur2(utf8.encode(text)), hash, text);
    assert.equal(partitionOf(utf8.encode(text), 12), (hash & 0x7fffffff) % 12);
  }
});

/** MurmurHash3_x86_128, seed 0, word by word from its description, on bigints. */
function reference(bytes: Uint8Array): string {
  const M = 0xffffffffn;
  const C = [0x239b961bn, 0xab0e9789n, 0x38b34ae5n, 0xa1e38b93n];
  const R = [15n, 16n, 17n, 18n];
  const mix: readonly (readonly [bigint, bigint])[] = [
    [19n, 0x561ccd1bn],
    [17n, 0x0bcaa747n],
    [15n, 0x96cd1c35n],
    [13n, 0x32ac3b17n],
  ];
  const rot = (x: bigint, r: bigint): bigint => ((x << r) | (x >> (32n - r))) & M;
  const c = (i: number): bigint => C[i % 4] as bigint;
  const scramble = (k: bigint, i: number): bigint =>
    (rot((k * c(i)) & M, R[i] as bigint) * c(i + 1)) & M;
  const h = [0n, 0n, 0n, 0n] as [bigint, bigint, bigint, bigint];
  const blocks = Math.floor(bytes.length / 16);
  const word = (at: number): bigint => {
    let w = 0n;
    for (let b = 3; b >= 0; b--) w = (w << 8n) | BigInt(bytes[at + b] ?? 0);
    return w;
  };
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < 4; i++) {
      const [r, add] = mix[i] as readonly [bigint, bigint];
      const x = (h[i] as bigint) ^ scramble(word(16 * block + 4 * i), i);
      h[i] = ((rot(x, r) + (h[(i + 1) % 4] as bigint)) * 5n + add) & M;
    }
  }
  for (let i = 0; i < 4; i++) h[i] = (h[i] as bigint) ^ scramble(word(16 * blocks + 4 * i), i);
  const spread = (): void => {
    h[0] = (h[0] + h[1] + h[2] + h[3]) & M;
    for (let i = 1; i < 4; i++) h[i] = ((h[i] as bigint) + h[0]) & M;
  };
  for (let i = 0; i < 4; i++) h[i] = (h[i] as bigint) ^ BigInt(bytes.length);
  spread();
  for (let i = 0; i < 4; i++) {
    let x = h[i] as bigint;
    x = ((x ^ (x >> 16n)) * 0x85ebca6bn) & M;
    x = ((x ^ (x >> 13n)) * 0xc2b2ae35n) & M;
    h[i] = x ^ (x >> 16n);
  }
  spread();
  return h.map((lane) => lane.toString(16).padStart(8, "0")).join("");
}

test("murmur3 gives published values", () => {
  assert.equal(murmur3Hex(""), "0".repeat(32));
  const text = "I will not buy this tobacconist's, it is scratched.";
  assert.equal(murmur3Hex(text), "9b5b7ba2ef3f7866889adeaf00f3f98e");
  const fox = "The quick brown fox jumps over the lazy dog";
  assert.equal(murmur3Hex(fox), "2f1583c3ecee2c675d7bf66ce5e91d2c");
});

test("murmur3 equals a second implementation at every length and place", () => {
  const random = seededRandom(5);
  const lanes = new Uint32Array(6);
  for (let n = 0; n < 400; n++) {
    // Long ones are read by words; neither starts where its memory does.
    const size = n % 4 === 3 ? 700 : 64;
    const memory = Uint8Array.from({ length: size + 5 }, () => below(random, 256));
    const bytes = memory.subarray(5);
    const [from, until] = [below(random, 8), 8 + below(random, size - 7)];
    murmur3Lanes(bytes, from, until, lanes, 2);
    const hex = [...lanes.subarray(2)].map((x) => x.toString(16).padStart(8, "0")).join("");
    assert.equal(hex, reference(bytes.subarray(from, until)), `${from}, ${until}`);
  }
});

test("a text's hash is that of its UTF-8: short, long, beyond ASCII at any place", () => {
  const random = seededRandom(6);
  const lanes = new Uint32Array(4);
  for (let n = 0; n < 600; n++) {
    const length = n % 3 === 2 ? 250 + below(random, 12) : below(random, 40);
    const chars = Array.from({ length }, () => String.fromCharCode(below(random, 128)));
    if (n % 2 === 1)
      chars[below(random, length + 1)] = ["é", "\u0080", "語", "😀", "\ud800"][n % 5] ?? "";
    const text = chars.join("");
    const bytes = utf8.encode(text);
    murmur3Lanes(bytes, 0, bytes.length, lanes);
    assert.deepEqual(murmur3Text(text), lanes, JSON.stringify(text));
  }
});

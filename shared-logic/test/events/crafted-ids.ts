// UUIDs by the hash that the id kernel has of them (assembly/id-kernel.as, hashOf and bitsOf, backwards).

const K = 0x9e3779b97f4a7c15n;
const mod = (n: bigint): bigint => BigInt.asUintN(64, n);

/** K times this is 1. */
const INVERSE = ((): bigint => {
  let x = K;
  for (let k = 0; k < 6; k++) x = mod(x * (2n - K * x));
  return x;
})();

/** Which characters the bytes of both words are made of: high digit, low digit. */
const DIGITS = [
  [0, 1, 2, 3, 4, 5, 6, 7].map((k) => [k, 24 + k] as const),
  [0, 1, 2, 3].map((k) => [9 + k, 19 + k] as const),
  [0, 1, 2, 3].map((k) => [14 + k, 32 + k] as const),
].flat();

/** Before the last step of the hash, which takes the highest 32 bits of `mixed`. */
function beforeLast(mixed: bigint): bigint {
  const x = mod(mixed * INVERSE);
  return mod((x ^ (x >> 32n)) * INVERSE);
}

/** The id whose first word is `first` and whose hash is the highest 32 bits of `mixed`. */
export function idOfHash(first: bigint, mixed: bigint): string {
  const h = mod((first ^ (first >> 32n)) * K);
  return idOf(first, beforeLast(mixed) ^ (h >> 29n) ^ h);
}

/** The same by its second word. */
export function idOfHashAndSecond(second: bigint, mixed: bigint): string {
  const y = beforeLast(mixed) ^ second;
  const h = y ^ (y >> 29n) ^ (y >> 58n);
  const z = mod(h * INVERSE);
  return idOf(z ^ (z >> 32n), second);
}

function idOf(first: bigint, second: bigint): string {
  const characters = Array.from({ length: 36 }, () => "-");
  for (const [k, [high, low]] of DIGITS.entries()) {
    const byte = Number(((k < 8 ? first : second) >> BigInt(8 * (k % 8))) & 255n);
    characters[high] = (byte >> 4).toString(16);
    characters[low] = (byte & 15).toString(16);
  }
  return characters.join("");
}

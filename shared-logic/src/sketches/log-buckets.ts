// Buckets of relative width for whole numbers, read off their bits: each power of two is cut into 2^bits equal
// parts, so a bucket is at most 2^-bits of its numbers wide. After DDSketch (Masson, Rim, Lee, VLDB 2019) with
// its linearly interpolated mapping; nothing depends on a logarithm. Bucket 0 holds 0, negative numbers mirror.

export interface Bucket {
  readonly low: bigint;
  /** Inclusive. */
  readonly high: bigint;
}

/** The fewest bits whose buckets' middles lie within `relativeError` of their numbers. */
export function bitsFor(relativeError: number): number {
  let bits = 1;
  while (2 ** -(bits + 1) > relativeError) bits++;
  return bits;
}

const double = new DataView(new ArrayBuffer(8));

/** Of a whole number within ±2^53. */
export function bucketOf(n: number, bits: number): number {
  if (n === 0) return 0;
  double.setFloat64(0, Math.abs(n));
  const id = (double.getUint32(0) >>> (20 - bits)) - (1023 << bits) + 1;
  return n < 0 ? -id : id;
}

export function bucketOfBig(n: bigint, bits: number): bigint {
  const size = n < 0n ? -n : n;
  if (size <= BigInt(Number.MAX_SAFE_INTEGER)) return BigInt(bucketOf(Number(n), bits));
  const exponent = BigInt(size.toString(2).length - 1);
  const part = (size >> (exponent - BigInt(bits))) - (1n << BigInt(bits));
  const id = (exponent << BigInt(bits)) + part + 1n;
  return n < 0n ? -id : id;
}

/** What numbers a bucket holds. */
export function bucketBounds(bucket: bigint, bits: number): Bucket {
  if (bucket === 0n) return { low: 0n, high: 0n };
  if (bucket < 0n) {
    const { low, high } = bucketBounds(-bucket, bits);
    return { low: -high, high: -low };
  }
  const low = lowest(bucket - 1n, BigInt(bits));
  const high = lowest(bucket, BigInt(bits)) - 1n;
  return { low, high: high < low ? low : high };
}

/** The smallest whole number at or above the bucket's lower edge. */
function lowest(id: bigint, bits: bigint): bigint {
  const exponent = id >> bits;
  const part = id & ((1n << bits) - 1n);
  const up = ((1n << bits) + part) << exponent;
  return (up + (1n << bits) - 1n) >> bits;
}

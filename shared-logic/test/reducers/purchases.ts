// Random events of a shop for the reducers' tests: prices with three digits, and every way a price or
// a user can be missing or unreadable.
import { below, type Random } from "../../src/ports/random.ts";
import type { PlainEvent } from "../../src/testing/columns-of.ts";

const ODD = [undefined, null, "12.5", true, [1], { a: 1 }, 1.00005, 1e-9, 0, -0];

function price(random: Random): unknown {
  switch (below(random, 8)) {
    case 0:
      return ODD[below(random, ODD.length)];
    case 1:
      return BigInt(random.u32()) * BigInt(random.u32()) * 12_345n * (below(random, 2) ? 1n : -1n);
    case 2:
      return -below(random, 100_000) / 1000;
    default:
      return below(random, 1_000_000) / 1000;
  }
}

const NAMES = [
  "\uFEFFbom",
  "\uFFFD",
  "\u{1F600}",
  "\uD800",
  "é",
  "\0",
  "7",
  "\u{10FFFF}x".repeat(9),
];

/** `users`: how many users there are; small makes many repeats. */
export const purchase =
  (users = 2 ** 32) =>
  (random: Random): PlainEvent => ({
    event_type: below(random, 2) ? "purchase" : "view",
    ...(below(random, 5) ? { user_id: `user-${below(random, users)}` } : {}),
    ...(below(random, 5) ? {} : { user_id: NAMES[below(random, NAMES.length)] }),
    ...(below(random, 3) ? { anonymous_id: `cookie-${below(random, users)}` } : {}),
    properties: { price: price(random) },
  });

/** Units of a decimal item: mostly small, sometimes far beyond 2^53. */
export function units(random: Random): bigint {
  const sign = below(random, 3) === 0 ? -1n : 1n;
  const small = BigInt(below(random, 100_000));
  return sign * (below(random, 10) === 0 ? small * BigInt(random.u32()) ** 2n : small);
}

// What an algebra owes its bytes: they come back, there is one text per state however it was reached,
// and what encode did not write is refused.
import type { Algebra } from "../../algebra/algebra.ts";
import { sameBytes } from "../../codec/same-bytes.ts";
import { TandemError } from "../../errors.ts";
import { below, type Random } from "../../ports/random.ts";
import { appendAll, foldAnyhow, sameState } from "./fold-items.ts";

export const roundTrips = <I, S>(A: Algebra<I, S>, s: S): boolean => {
  const bytes = A.encode(s);
  return bytes.length > 0 && sameBytes(A.encode(A.decode(bytes)), bytes);
};

/** A decoded state is as good as the one it was encoded from. */
export const decodedAddsAlike = <I, S>(A: Algebra<I, S>, a: S, b: S): boolean =>
  sameState(A, A.plus(A.decode(A.encode(a)), A.decode(A.encode(b))), A.plus(a, b));

export const canonical = <I, S>(A: Algebra<I, S>, items: readonly I[], random: Random): boolean =>
  sameState(A, appendAll(A, items), foldAnyhow(A, items, random));

/** Damaged bytes are refused with `corrupt_bytes`, or are the very bytes of another state. */
export function refusesDamage<I, S>(A: Algebra<I, S>, s: S, random: Random): boolean {
  const whole = A.encode(s);
  const cut = whole.slice(0, below(random, whole.length));
  const longer = new Uint8Array([...whole, below(random, 256)]);
  const flipped = whole.slice();
  flipped[below(random, whole.length)]! ^= 1 << below(random, 8);
  const otherFormat = whole.slice();
  otherFormat[0]! ^= 0x80;
  return (
    refused(A, otherFormat) && [cut, longer, flipped].every((b) => refused(A, b) || isItsOwn(A, b))
  );
}

function refused<I, S>(A: Algebra<I, S>, bytes: Uint8Array): boolean {
  try {
    A.decode(bytes);
    return false;
  } catch (error) {
    const codes = ["corrupt_bytes", "sketch_mismatch"];
    if (error instanceof TandemError && codes.includes(error.code)) return true;
    throw error;
  }
}

const isItsOwn = <I, S>(A: Algebra<I, S>, bytes: Uint8Array): boolean =>
  sameBytes(A.encode(A.decode(bytes)), bytes);

// Delta debugging: shrinks a list on which something shows to a 1-minimal part on which it still does: without
// any single item it shows no more. Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input,
// IEEE TSE 28(2), 2002. Pure: it yields each part to be tested and is told whether it shows there, so that
// whoever asks decides how long to go on; the last part that showed is the smallest known.

/** `all` is known to show. Returns a 1-minimal part, in the order of `all`. */
export function* ddmin<T>(all: readonly T[]): Generator<readonly T[], readonly T[], boolean> {
  let set = all;
  let parts = 2;
  while (set.length > 1) {
    const bounds = Array.from({ length: parts + 1 }, (_, i) =>
      Math.floor((i * set.length) / parts),
    );
    const smaller = yield* smallerOf(set, bounds);
    if (smaller) {
      set = smaller.set;
      parts = smaller.isPart ? 2 : Math.max(parts - 1, 2);
    } else if (parts < set.length) parts = Math.min(2 * parts, set.length);
    else break;
    parts = Math.min(parts, Math.max(set.length, 2));
  }
  return set;
}

interface Smaller<T> {
  readonly set: readonly T[];
  /** One of the parts, else all but one. */
  readonly isPart: boolean;
}

function* smallerOf<T>(
  set: readonly T[],
  bounds: readonly number[],
): Generator<readonly T[], Smaller<T> | undefined, boolean> {
  const parts = bounds.length - 1;
  for (let i = 0; i < parts; i++) {
    const part = set.slice(bounds[i], bounds[i + 1]);
    if (yield part) return { set: part, isPart: true };
  }
  // Of two parts, each is the rest of the other.
  if (parts === 2) return undefined;
  for (let i = 0; i < parts; i++) {
    const rest = [...set.slice(0, bounds[i]), ...set.slice(bounds[i + 1])];
    if (yield rest) return { set: rest, isPart: false };
  }
  return undefined;
}

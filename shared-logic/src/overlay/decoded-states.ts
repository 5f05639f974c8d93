// The states of cells, decoded. A minute's count or sum is a few bytes that come again and again: each such text
// of bytes is decoded once. States are values, so that cells may share one.
import type { Algebra } from "../algebra/algebra.ts";

/** With their length they fit a small integer. */
const SHORT_BYTES = 3;
const REMEMBERED = 4096;

/** Reads the state that lies at [from, until) of `source`. */
export type StateDecoder = (source: Uint8Array, from: number, until: number) => unknown;

const decoders = new WeakMap<object, StateDecoder>();

/** How the algebra's states are read; the same for every call. */
export function stateDecoder(algebra: Algebra<never, unknown>): StateDecoder {
  const decoder = decoders.get(algebra) ?? newDecoder(algebra);
  decoders.set(algebra, decoder);
  return decoder;
}

function newDecoder(algebra: Algebra<never, unknown>): StateDecoder {
  const known = new Map<number, unknown>();
  return (source, from, until) => {
    if (until - from > SHORT_BYTES) return algebra.decode(source.subarray(from, until));
    let key = until - from;
    for (let at = from; at < until; at++) key = key * 256 + (source[at] as number);
    let state = known.get(key);
    if (state === undefined) {
      state = algebra.decode(source.subarray(from, until));
      if (known.size >= REMEMBERED) known.clear();
      known.set(key, state);
    }
    return state;
  };
}

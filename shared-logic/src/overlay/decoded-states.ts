// The states of cells, decoded. A minute's count or sum is a few bytes that come again and again: each such text
// of bytes is decoded once. States are values, so that cells may share one.
import type { Algebra } from "../algebra/algebra.ts";
import type { StoredCell } from "../fold/block.ts";

/** With their length they fit a number. */
const SHORT_BYTES = 5;
const REMEMBERED = 4096;

const decoders = new WeakMap<object, (cell: StoredCell) => unknown>();

/** How the algebra's states are read; the same for every call. */
export function stateDecoder(algebra: Algebra<never, unknown>): (cell: StoredCell) => unknown {
  const decoder = decoders.get(algebra) ?? newDecoder(algebra);
  decoders.set(algebra, decoder);
  return decoder;
}

function newDecoder(algebra: Algebra<never, unknown>): (cell: StoredCell) => unknown {
  const known = new Map<number, unknown>();
  return (cell) => {
    const { source, from, until } = cell;
    if (until - from > SHORT_BYTES) return algebra.decode(cell.state);
    let key = until - from;
    for (let at = from; at < until; at++) key = key * 256 + (source[at] as number);
    let state = known.get(key);
    if (state === undefined) {
      state = algebra.decode(cell.state);
      if (known.size >= REMEMBERED) known.clear();
      known.set(key, state);
    }
    return state;
  };
}

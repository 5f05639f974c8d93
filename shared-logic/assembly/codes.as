// Which texts of a slot are the same: a dictionary of short ones (KernelMemory and EventKernel.intern).
import { CODES, DICTIONARY, NESTED, NEW_ROWS, SEATS, STATUS, TEXT } from "./memory-layout";
import { endOf, escapedOf, kindOf, startOf } from "./region";

const NO_TEXT: i32 = -1;

/** Left to the twin: no room, too long, escaped, or a row that is not known. */
const PENDING: i32 = -2;

const MOST_TEXTS: i32 = 384;

/** Forgets what the dictionary holds. */
export function forget(dictionary: i32): void {
  memory.fill(dictionary, 0, DICTIONARY);
}

/** The code of [start, end), at most 16 bytes; a new one is the dictionary's size. */
@inline
function codeOf(dictionary: i32, start: i32, length: i32): i32 {
  let low = load<u64>(start);
  let high: u64 = 0;
  if (length < 8) low &= (<u64>1 << (<u64>length << 3)) - 1;
  else if (length < 16) high = load<u64>(start + 8) & ((<u64>1 << (<u64>(length - 8) << 3)) - 1);
  else high = load<u64>(start + 8);
  const mixed = (low ^ rotl<u64>(high + length, 29)) * 0x9e3779b97f4a7c15;
  let seat = <i32>((mixed ^ (mixed >> 32)) >> 20) & (SEATS - 1);
  while (true) {
    const at = dictionary + 8 + 24 * seat;
    const taken = load<i32>(at + 16);
    if (taken == 0) {
      const size = load<i32>(dictionary);
      if (size == MOST_TEXTS) return PENDING;
      store<u64>(at, low);
      store<u64>(at + 8, high);
      store<i32>(at + 16, length + 1);
      store<i32>(at + 20, size);
      store<i32>(dictionary, size + 1);
      return size;
    }
    if (taken == length + 1 && load<u64>(at) == low && load<u64>(at + 8) == high) {
      return load<i32>(at + 20);
    }
    seat = (seat + 1) & (SEATS - 1);
  }
}

/** CODES of rows 0 … count − 1 of a slot, of those whose STATUS is `least` or more; how many texts are new, in the order of NEW_ROWS. */
export function codes(slot: i32, count: i32, dictionary: i32, least: i32): i32 {
  let fresh = 0;
  for (let row = 0; row < count; row++) {
    let code = PENDING;
    if (<i32>load<u8>(STATUS + row) >= least) {
      const kind = kindOf(slot, row);
      if (kind < TEXT || kind == NESTED) code = NO_TEXT;
      else if (escapedOf(slot, row) == 0) {
        const start = startOf(slot, row);
        const length = endOf(slot, row) - start;
        if (length <= 16) {
          const before = load<i32>(dictionary);
          code = codeOf(dictionary, start, length);
          if (code == before) store<i32>(NEW_ROWS + (fresh++ << 2), row);
        }
      }
    }
    store<i32>(CODES + (row << 2), code);
  }
  return fresh;
}

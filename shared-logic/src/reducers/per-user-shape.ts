// What perUser needs to know about one user: the exact state of one user's events, and what is counted
// of it inside a window. The states of a shape are values with an associative and commutative `plus`.
import type { Decimal } from "../algebra/decimal.ts";
import type { DayBound, Json, Reach } from "../algebra/reducer.ts";
import type { ByteReader } from "../codec/byte-reader.ts";
import type { ByteWriter } from "../codec/byte-writer.ts";
import type { TextCode, TextTable } from "../codec/text-table.ts";
import type { Condition, Path } from "../metrics/selector.ts";
import type { StoredGrain, Window } from "../time/calendar.ts";

export interface PerUserItem {
  /** The tagged user key. */
  readonly user: string;
  readonly timeMs: number;
  readonly eventId: string;
  /** One per dimension inside the state, in order. */
  readonly dims: readonly (string | null)[];
  /** Bit i: the shape's condition i holds for the event. */
  readonly marks: number;
}

/** How the occurrences that a shape counts become one number. */
export type PerUserAnswer =
  | { readonly kind: "total" }
  /** Sum of amounts (units of 10^-amountScale) per occurrence, with `digits` digits. */
  | { readonly kind: "mean"; readonly amountScale: number; readonly digits: number }
  /** The amount (units of 10^-amountScale) at the nearest rank of a share `q` of the occurrences. */
  | { readonly kind: "quantile"; readonly amountScale: number; readonly q: Decimal };

/** One occurrence: the dimensions it starts with, its amount, when it starts, and its key in a list. */
export type Visit = (
  dims: readonly (string | null)[],
  amount: number,
  startMs: number,
  key?: string,
) => void;

/** An answer that is a list: a dimension of its own, whose values are these keys, in this order. */
export interface Listed {
  readonly path: Path;
  readonly keys: readonly string[];
  /** What the keys are called; the state does not depend on it. */
  readonly labels?: readonly string[];
  /** The key whose number stands where nobody asks for the list. */
  readonly headline: string;
}

export interface PerUserShape<S> {
  /** Everything that moves numbers. */
  readonly spec: { readonly kind: string; readonly [parameter: string]: Json };
  /** What of `spec` the states depend on: shapes of equal keys make equal states of equal items. */
  readonly stateKey: string;
  readonly reach: Reach;
  readonly answer: PerUserAnswer;
  /** What an item's marks say; events with none are left out, but where `keepsUnmarked`. */
  readonly conditions?: readonly Condition[];
  readonly keepsUnmarked?: boolean;
  readonly listed?: Listed;
  /** A user counts in every window anew, so that windows are counted one by one. Its value may exceed its events. */
  readonly everyWindow?: boolean;
  /**
   * What the days of a window say of it, for a key of the list: `sum` where each occurrence stands in one day, whatever
   * dimensions it has; `largest` where whoever counts in a window counts in every window around it, but may have other
   * dimensions there. Where absent, `sum` but with `everyWindow`, where it is nothing.
   */
  readonly atLeastDays?: (key: string | undefined) => DayBound | undefined;
  /** Finest first; where absent, hour and day. */
  readonly grains?: readonly StoredGrain[];
  /** Keeps nothing of the item but its values: the item itself may be good for this call alone. */
  one(item: PerUserItem): S;
  plus(a: S, b: S): S;
  /**
   * Takes an event in by changing `state`, where its time alone says how; false (and nothing done)
   * where it does not. For a kernel that owns the state.
   */
  extend(state: S, timeMs: number): boolean;
  /** Visits what is counted: what *starts* in the window. */
  occurrences(state: S, window: Window, visit: Visit): void;
  /** The most that one user can add in a window: occurrences, and amount of one occurrence. */
  most(window: Window): { readonly count: number; readonly amount: number };
  /** Every dimension value in the state. */
  texts(state: S, visit: (text: string) => void): void;
  write(out: ByteWriter, state: S, code: TextCode): void;
  /** Throws `corrupt_bytes` on anything `write` does not write. */
  read(from: ByteReader, texts: TextTable, dims: number): S;
  /** Goes past what `read` reads, marks the same texts, and makes no state. Where it is there, heals cost less. */
  skip?(from: ByteReader, texts: TextTable, dims: number): void;
  /** Counts the states of many users without making one of any. */
  inOrder?(dims: number): StatesInOrder;
}

/** States of many users, read in the order of time. */
export interface StatesInOrder {
  /**
   * Takes in what `read` reads, of the user with this number. False where it does not lie behind all that is there
   * of the user: then it cannot be counted here.
   */
  take(user: number, from: ByteReader, texts: TextTable): boolean;
  /** As the shape's, of all users; equal dimensions are mostly one array. */
  occurrences(window: Window, visit: Visit): void;
}

// What is in the log, told in plain values: the ground that every claim of an answer is checked against.
// A metric's truth is counted from here by hand, with nothing of the production fold.
import { DAY_MS, HOUR_MS, MINUTE_MS } from "@tandem/shared-logic";

export const PARTITIONS = 2;
export const FIRST_DAY = 18_262;
export const DAYS = [FIRST_DAY, FIRST_DAY + 1, FIRST_DAY + 2];

export interface ToldEvent {
  /** Counted over all partitions: its tally is 4^n. */
  readonly n: number;
  readonly user: string;
  readonly timeMs: number;
  /** What makes copies the same event. */
  readonly key: string;
  /** No copy of it stands at a lower offset. */
  readonly first: boolean;
  /** Received beyond the filters' reach after its own timestamp. */
  readonly unchecked: boolean;
}

export interface ToldCut {
  readonly seq: number;
}

export type Told = ToldEvent | ToldCut;
export const isEvent = (told: Told | undefined): told is ToldEvent =>
  told !== undefined && "user" in told;

export type Question = "tally" | "count" | "users" | "sessions";

/** `events`: first copies only, in any order. What is counted starts in [from, until). */
export function truth(
  question: Question,
  events: readonly ToldEvent[],
  from: number,
  until: number,
): string {
  const inside = events.filter((e) => e.timeMs >= from && e.timeMs < until);
  switch (question) {
    case "tally":
      return String(inside.reduce((sum, e) => sum + 4 ** e.n, 0));
    case "count":
      return String(inside.length);
    case "users":
      return String(new Set(inside.map((e) => e.user)).size);
    case "sessions":
      return String(inside.filter((e) => startsSession(e, events)).length);
  }
}

const GAP_MS = 30 * MINUTE_MS;

/** Nothing of the user in the half hour before; of events of one moment only one starts it. */
const startsSession = (e: ToldEvent, events: readonly ToldEvent[]): boolean =>
  !events.some(
    (o) =>
      o.user === e.user &&
      o !== e &&
      (o.timeMs < e.timeMs ? o.timeMs >= e.timeMs - GAP_MS : o.timeMs === e.timeMs && o.n < e.n),
  );

export const dayOfEvent = (e: ToldEvent): number => Math.floor(e.timeMs / DAY_MS);
/** Start of the hour that its row is stored under. */
export const blockOfEvent = (e: ToldEvent): number => Math.floor(e.timeMs / HOUR_MS) * HOUR_MS;

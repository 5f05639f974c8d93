// Events of users for the tests of perUser: few users and dense times, so that sessions touch, overlap,
// tie and continue; ids and names in all of Unicode.
import fc from "fast-check";
import { MINUTE_MS } from "../../src/time/epoch-ms.ts";
import { windowOf } from "./windows.ts";

export type UserEvent = {
  readonly user_id?: string | undefined;
  readonly event_id: string;
  readonly timestamp: number;
  readonly event_type: string;
  readonly properties: { readonly country: string | null };
};

export const DIMS = ["event_type", "properties.country"] as const;

/** Half the length of the generated stretch of time, around the epoch. */
const SPAN_MS = 6 * 60 * MINUTE_MS;
export const WINDOW = windowOf(-SPAN_MS / 2, SPAN_MS / 2);

const name = fc.constantFrom("a", "b", "c", "\u{FFFD}", "\u{1F600}", "\u{FEFF}", "", "é");
const names = fc.tuple(name, name).map(([a, b]) => a + b);

export const userEvents = (maxLength: number): fc.Arbitrary<UserEvent[]> =>
  fc.array(
    fc.record(
      {
        user_id: fc.oneof({ weight: 4, arbitrary: fc.constantFrom("u", "v") }, names),
        event_id: names,
        timestamp: fc.oneof(
          fc.integer({ min: -SPAN_MS, max: SPAN_MS }),
          fc.integer({ min: -18, max: 18 }).map((n) => n * 20 * MINUTE_MS),
        ),
        event_type: fc.constantFrom("view", "purchase", "\u{1F600}"),
        properties: fc.record({ country: fc.option(fc.constantFrom("DE", "US", "\u{FF21}")) }),
      },
      { requiredKeys: ["event_id", "timestamp", "event_type", "properties"] },
    ),
    { maxLength },
  );

// What a reducer's laws are tried on. Everything is made from seeds, so that a broken law can be
// repeated from its message.
import type { PresentContext } from "../algebra/algebra.ts";
import type { Decimal } from "../algebra/decimal.ts";
import type { Random } from "../ports/random.ts";
import type { Window } from "../time/calendar.ts";
import { DAY_MS, epochMs } from "../time/epoch-ms.ts";
import type { PlainEvent } from "./columns-of.ts";
import type { Guard } from "./laws/purity-laws.ts";

export interface LawOptions<Item> {
  /** One item, from a wide domain: a bound tried on the same set again and again proves nothing. */
  items(random: Random): Item;
  /** One event, for the kernels. Must be there if the reducer has any. */
  readonly events?: (random: Random) => PlainEvent;
  /** Default 1, 2, 3. */
  readonly seeds?: readonly number[];
  /** Trials per seed and law. Default 30. */
  readonly trials?: number;
  /** Most items in a tried state. Default 40. */
  readonly size?: number;
  /** What the exact side must show for these items, computed another way. */
  readonly truth?: (items: readonly Item[]) => Decimal | null;
  /** Handed to present. Default 2019-10-01, one day. */
  readonly window?: Window;
  /** Runs a function with clocks and randomness forbidden. */
  readonly guard?: Guard;
  /** Sets of these sizes are estimated `trials` times each, over all seeds. Default 0, 10, 300; 100. */
  readonly bounds?: { readonly sizes: readonly number[]; readonly trials: number };
  /** So many items, encoded by the approximate side, stay below the limit. Default 100,000; 64 KiB. */
  readonly growth?: { readonly items: number; readonly limitBytes: number };
  /** A grouping set to try `presentBy` on. Must be there if the reducer has one. */
  readonly dims?: readonly string[];
}

/** The options with every default filled in. */
export interface LawSetting<Item>
  extends Required<Omit<LawOptions<Item>, "events" | "truth" | "dims">> {
  readonly events: ((random: Random) => PlainEvent) | undefined;
  readonly truth: ((items: readonly Item[]) => Decimal | null) | undefined;
  readonly dims: readonly string[] | undefined;
  context(events: number): PresentContext;
}

const OCTOBER_1_2019 = epochMs(1_569_888_000_000);

export function lawSetting<Item>(options: LawOptions<Item>): LawSetting<Item> {
  const window = options.window ?? {
    from: OCTOBER_1_2019,
    until: epochMs(OCTOBER_1_2019 + DAY_MS),
  };
  return {
    items: (random) => options.items(random),
    events: options.events,
    seeds: options.seeds ?? [1, 2, 3],
    trials: options.trials ?? 30,
    size: options.size ?? 40,
    truth: options.truth,
    window,
    guard: options.guard ?? ((fn) => fn()),
    bounds: options.bounds ?? { sizes: [0, 10, 300], trials: 100 },
    growth: options.growth ?? { items: 100_000, limitBytes: 65_536 },
    dims: options.dims,
    context: (events) => ({ window, events }),
  };
}

// What the view store's suite is given, and how its parts add their cases.
import type { Random } from "../../ports/random.ts";
import type { ViewStore } from "../../ports/view-store.ts";
import type { TestFunction } from "../expect.ts";

export interface ViewStoreSuite {
  readonly test: TestFunction;
  /** A store with nothing in it. The suite closes it. */
  readonly open: () => Promise<OpenViewStore>;
  /**
   * Which of two rows with equal `to` stays where they differ, which no deterministic fold makes them do:
   * the first (default), or either, but whole.
   */
  readonly equalTo?: "first" | "either";
}

export interface OpenViewStore {
  readonly store: ViewStore;
  /** Closes the store and opens another over the same place; absent where nothing outlives the process. */
  readonly reopen?: () => Promise<ViewStore>;
  /** What a power failure now leaves, opened; absent where that cannot be tried. */
  readonly powerCut?: (random: Random) => Promise<ViewStore>;
}

export type ViewStoreCase = (opened: OpenViewStore) => Promise<void>;
/** Adds one test over a fresh store. */
export type AddCase = (name: string, body: ViewStoreCase) => void;

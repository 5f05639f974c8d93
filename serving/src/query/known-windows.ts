// Lists of windows that were cut before: a question that is asked again has the same list, object for object, which
// whoever kept something about it knows again without a look at thousands of windows.
import type { EpochMs, Grain, Window } from "@tandem/shared-logic";
import { Lru } from "../lru.ts";
import type { TimeZone } from "./time-zone.ts";
import { windowsOf } from "./windows.ts";

/** Of all lists together. */
const KEPT_WINDOWS = 100_000;

export class KnownWindows {
  private readonly lists = new Lru<readonly Window[]>(KEPT_WINDOWS, (list) => list.length);

  /** As `windowsOf`. */
  of(from: EpochMs, until: EpochMs, grain: Grain, zone: TimeZone, most: number): readonly Window[] {
    const key = `${from} ${until} ${grain} ${zone.name} ${most}`;
    const known = this.lists.get(key);
    if (known) return known;
    const windows = windowsOf(from, until, grain, zone, most);
    this.lists.set(key, windows);
    return windows;
  }
}

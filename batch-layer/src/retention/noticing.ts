// Dates things that tell no age of themselves: since when they are known to be needed by nobody. What a plan does not
// ask for is forgotten, so that a thing that is needed again begins anew. Pure.
import type { EpochMs } from "@tandem/shared-logic";
import type { RetentionFacts } from "./retention-facts.ts";

export class Noticing {
  readonly noticed: Record<string, EpochMs> = {};
  private readonly facts: Pick<RetentionFacts, "now" | "row">;

  constructor(facts: Pick<RetentionFacts, "now" | "row">) {
    this.facts = facts;
  }

  /** True where it was seen before, so long ago. */
  since(name: string, ageMs: number): boolean {
    const at = this.facts.row.noticed[name] ?? this.facts.now;
    this.noticed[name] = at;
    return this.facts.now - at >= ageMs;
  }
}

// Rules that can be broken on purpose. The model must see every one of them.
export const RULES = [
  "V is inclusive",
  "speed rows below V are added too",
  "a late event heals its own day only",
  "what stands is not looked at before publishing",
  "a run's reach ends at the neighbour's V",
  "dropped below the newest run only",
  "a drop looks at its own day only",
  "lost records are not told",
  "position before rows",
  "a change is not told",
  "a pinned day is published to",
  "copies are counted by batch",
] as const;
export type BrokenRule = (typeof RULES)[number];

/** What was promised and did not hold. */
export type Promised = "once" | "told" | "exact" | "interval" | "as of" | "ledger" | "settled";

export class Broken extends Error {
  readonly promised: Promised;
  constructor(promised: Promised, text: string) {
    super(`${promised}: ${text}`);
    this.promised = promised;
  }
}

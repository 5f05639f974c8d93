// Whether days heal by themselves: a ledger row that whoever is on call switches. On unless switched off.
import { type EpochMs, type HealAutoRow, healAutoKey, type ViewStore } from "@tandem/shared-logic";
import { casLedger, readLedger } from "../ledger.ts";

export const AUTO_ON: HealAutoRow = { on: true, by: "default", at: 0 as EpochMs };

export async function healAuto(
  views: Pick<ViewStore, "ledger">,
  dataset: string,
): Promise<HealAutoRow> {
  const row = await views.ledger(healAutoKey(dataset));
  return row ? (JSON.parse(row.value) as HealAutoRow) : AUTO_ON;
}

export async function setHealAuto(
  views: ViewStore,
  dataset: string,
  row: HealAutoRow,
): Promise<void> {
  for (;;) {
    const seen = await readLedger<HealAutoRow>(views, healAutoKey(dataset));
    if (await casLedger(views, healAutoKey(dataset), seen, row)) return;
  }
}

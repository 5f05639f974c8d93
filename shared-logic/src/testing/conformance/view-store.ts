// Conformance suite of the ViewStore port: anyone's adapter can be put through it. The numbers in the
// test names are those of the contract lines in ports/view-store.ts.
import type { AddCase, ViewStoreSuite } from "./view-store-case.ts";
import { ledgerCases } from "./view-store-ledger.ts";
import { powerCutCases } from "./view-store-power-cut.ts";
import { runCases } from "./view-store-runs.ts";
import { speedCases } from "./view-store-speed.ts";

export type { OpenViewStore, ViewStoreSuite } from "./view-store-case.ts";

export function viewStoreSuite({ test, open, equalTo = "first" }: ViewStoreSuite): void {
  const add: AddCase = (name, body) => {
    test(`view store ${name}`, async () => {
      const opened = await open();
      try {
        await body(opened);
      } finally {
        await opened.store.close();
      }
    });
  };
  speedCases(add, equalTo);
  runCases(add);
  ledgerCases(add);
  powerCutCases(add);
}

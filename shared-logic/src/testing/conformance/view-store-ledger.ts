// Cases of the ledger: rows that change only by compare-and-set, listed in byte order.
import { expectEqual } from "../expect.ts";
import type { AddCase } from "./view-store-case.ts";

export function ledgerCases(add: AddCase): void {
  add("8: a row changes only where its version is the expected one", async ({ store }) => {
    expectEqual(await store.ledger("day/app/1"), undefined);
    expectEqual(await store.cas("day/app/1", 1, "x"), false, "absent is version 0");
    expectEqual(await store.ledger("day/app/1"), undefined);
    expectEqual(await store.cas("day/app/1", 0, "a"), true);
    const first = await store.ledger("day/app/1");
    expectEqual(first?.value, "a");
    const version = first?.version ?? 0;
    for (const wrong of [0, version + 1, version - 1]) {
      expectEqual(await store.cas("day/app/1", wrong, "wrong"), false, `version ${wrong}`);
    }
    expectEqual(await store.ledger("day/app/1"), first, "false changes nothing");
    expectEqual(await store.cas("day/app/1", version, "b"), true);
    expectEqual(await store.cas("day/app/1", version, "late"), false, "versions grow");
    const second = await store.ledger("day/app/1");
    expectEqual([second?.value, (second?.version ?? 0) > version], ["b", true]);
    expectEqual(await store.cas("day/app/2", 0, "other"), true);
    expectEqual(await store.ledger("day/app/1"), second, "rows are apart");
  });

  add("8: of several at once, one wins", async ({ store }) => {
    const tries = (version: number) =>
      Promise.all(["a", "b", "c", "d"].map((value) => store.cas("cut/app", version, value)));
    expectEqual((await tries(0)).filter(Boolean).length, 1);
    const row = await store.ledger("cut/app");
    expectEqual((await tries(row?.version ?? 0)).filter(Boolean).length, 1);
  });

  add("8: a row outlives the process", async ({ store, reopen }) => {
    if (reopen === undefined) return;
    await store.cas("day/app/1", 0, "a");
    const row = await store.ledger("day/app/1");
    const again = await reopen();
    expectEqual(await again.ledger("day/app/1"), row);
    expectEqual(await again.cas("day/app/1", row?.version ?? 0, "b"), true);
    await again.close();
  });

  add("9: rows below a prefix, in byte order", async ({ store }) => {
    const below = [
      "day/a",
      "day/a/1",
      "day/a/10",
      "day/a/2",
      "day/aB",
      "day/aa",
      "day/a\uff5e",
      "day/a😀",
    ];
    const beside = [
      "day/",
      "day/A",
      "day/b",
      "da",
      "days",
      "DAY/a",
      "%",
      "day/a".slice(1),
      "span/a",
    ];
    for (const key of [...beside, ...below].reverse()) await store.cas(key, 0, `of ${key}`);
    const rows = await store.ledgerRows("day/a");
    expectEqual(
      rows.map((row) => row.key),
      below,
    );
    expectEqual(rows[2], await store.ledger("day/a/10"));
    expectEqual((await store.ledgerRows("day/_")).length, 0, "a prefix is no pattern");
    expectEqual((await store.ledgerRows("")).length, below.length + beside.length);
  });
}

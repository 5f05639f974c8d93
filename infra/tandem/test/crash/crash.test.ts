// kill -9 of everything at random moments, over growing data directories. What was acknowledged is in the
// log at offsets that never change; batch equals a plain recount, speed equals an undisturbed fold.
// TANDEM_SEED repeats a run; `make drill` kills ten times as often.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { crashDirectory } from "./crash-run.ts";
import { verifyDirectory } from "./verify-directory.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-crash-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const seed = Number(process.env["TANDEM_SEED"] ?? 1);

test(`killed 54 times (seed ${seed})`, { concurrency: 2 }, async (t) => {
  const runs = [24, 22, 8].map((kills, i) =>
    t.test(`${kills} times on one directory`, async (t) => {
      const dir = join(folder, String(i));
      const report = await crashDirectory(dir, kills, seed + i);
      const verified = await verifyDirectory(dir, report.acknowledged);
      const { early, acknowledged, did } = report;
      t.diagnostic(`${early} while opening, ${acknowledged.size} events acknowledged`);
      t.diagnostic(JSON.stringify({ did, ...verified }));
    }),
  );
  await Promise.all(runs);
});

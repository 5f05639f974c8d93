// `tandem fsck` as it is typed: table, JSON and exit codes on a data directory; its page names every finding.
import assert from "node:assert/strict";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { FINDINGS } from "@tandem/shared-logic";
import { openOrAsk } from "../../src/commands/access.ts";
import { BATCH_EXIT } from "../../src/commands/batch.ts";
import { inTenths } from "../../src/commands/fsck.ts";
import { HEAL_EXIT } from "../../src/commands/heal.ts";
import { runProgram } from "../../src/commands/program.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-fsck-"));
after(() => rmSync(folder, { recursive: true, force: true }));

async function tandem(...argv: string[]) {
  const said = { out: "", err: "" };
  const io = {
    out(text: string) {
      said.out += text;
    },
    err(text: string) {
      said.err += text;
    },
    stdin: Readable.from([]),
    cwd: folder,
  };
  const options = { io, access: openOrAsk, version: "0", description: "", mayRun: false };
  return { code: await runProgram([...argv, "--data", join(folder, "data")], options), ...said };
}

function objectsBelow(part: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names
    .filter((n) => n.includes(part) && n.endsWith(".parquet"))
    .map((n) => join(folder, n));
}

test("found, named, repaired, and whole again", async () => {
  const lines = Array.from({ length: 50 }, (_, i) =>
    JSON.stringify({
      event_id: `e${i}`,
      event_type: "purchase",
      timestamp: `2026-03-02T10:${String(i).padStart(2, "0")}:00Z`,
      user_id: `u${i % 7}`,
      properties: { price: i },
    }),
  );
  writeFileSync(join(folder, "events.ndjson"), lines.join("\n"));
  assert.equal((await tandem("load", "events.ndjson")).code, 0);
  assert.equal((await tandem("batch", "run")).code, 0);
  const whole = await tandem("fsck");
  assert.equal(whole.code, 0, whole.out);
  assert.match(
    whole.out,
    /^checked \d+ archive objects \(\d+ bytes\), \d+ runs, [1-9]\d* weeks and months, 4 checkpoints: whole\n$/,
  );
  assert.match(whole.err, /objects: \d+ of \d+\n/);

  const [object] = objectsBelow("archive");
  assert.ok(object);
  const bytes = readFileSync(object);
  truncateSync(object, bytes.length - 10);
  const found = await tandem("fsck", "--format", "json");
  assert.equal(found.code, 4);
  const report = JSON.parse(found.out);
  assert.equal(report.ok, false);
  assert.equal(report.left.length, 1);
  assert.equal(report.left[0].kind, "object_damaged");
  assert.ok(object.endsWith(report.left[0].at));
  // A day that needs it is not computed and stays as it was; another one is, and the exit code tells.
  const day = [
    "query",
    "events",
    "--from",
    "2026-03-02",
    "--until",
    "2026-03-03",
    "--format",
    "csv",
  ];
  const before = await tandem(...day, "--layer", "batch");
  const run = async (day: string) => {
    const more = Array.from({ length: 7 }, (_, i) =>
      JSON.stringify({
        event_id: `more${day}${i}`,
        event_type: "purchase",
        timestamp: `${day}T12:00:00Z`,
        user_id: `u${i}`,
      }),
    );
    writeFileSync(join(folder, "more.ndjson"), more.join("\n"));
    assert.equal((await tandem("load", "more.ndjson")).code, 0);
    return tandem("batch", "run");
  };
  assert.equal((await run("2026-03-02")).code, BATCH_EXIT.damaged);
  const ran = await run("2026-03-08");
  assert.equal(ran.code, BATCH_EXIT.damaged, ran.err);
  assert.match(
    ran.out,
    /^not computed, and answered as before, because of damage: 2026-03-02; .*: tandem fsck$/m,
  );
  assert.match(ran.err, /^not computed: 2026-03-02: .* \(object_damaged archive\/.*\)$/m);
  assert.match(ran.err, /^sealed 2026-03-08 /m);
  const planned = await tandem("heal", "plan", "2026-03-02", "2026-03-08");
  assert.equal(planned.code, HEAL_EXIT.damaged, planned.err);
  assert.match(
    planned.err,
    /^2026-03-02: .* \(object_damaged archive\/.*\); no plan: tandem fsck/m,
  );
  assert.match(planned.out, /^2026-03-08: nothing to heal/m);
  const after = await tandem(...day, "--layer", "batch");
  assert.match(after.out, /50/);
  assert.deepEqual(after.out, before.out);

  const shown = await tandem("fsck");
  assert.match(
    shown.out,
    /^DAMAGE {2}object_damaged {2}archive\/.*\n +it is cut short: \d+ of \d+ bytes\n/,
  );
  assert.match(shown.out, /1 damaged\ntandem fsck --repair puts right/);

  const repaired = await tandem("fsck", "--repair", "--by", "ann");
  assert.equal(repaired.code, 0, repaired.out);
  assert.match(repaired.out, /repaired {2}refetched {2}archive\//);
  assert.deepEqual(readFileSync(object), bytes);
  assert.equal((await tandem("batch", "run")).code, BATCH_EXIT.done);
  assert.equal((await tandem("fsck", "--deep", "--all-runs")).code, 0);
});

test("the page names every finding, in the table's words", () => {
  const page = readFileSync(new URL("../../../../docs/fsck.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.*) \|$/gm)].map(([, kind, means]) => [
    kind,
    means,
  ]);
  assert.deepEqual(
    rows,
    Object.entries(FINDINGS).map(([kind, { means }]) => [kind, means]),
  );
});

test("progress is at most ten lines for each kind of work", () => {
  const said: string[] = [];
  const progress = inTenths((text) => said.push(text));
  for (let i = 0; i <= 1000; i++) progress(i, 1000, "objects");
  for (let i = 0; i <= 3; i++) progress(i, 3, "runs");
  assert.equal(said.filter((s) => s.startsWith("objects")).length, 10);
  assert.deepEqual(said.slice(-3), ["runs: 1 of 3", "runs: 2 of 3", "runs: 3 of 3"]);
});

// `tandem replay` as its page has it: every command of the page is run, on a view store in which somebody changed a row.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { openOrAsk } from "../../src/commands/access.ts";
import { runProgram } from "../../src/commands/program.ts";
import type { Tandem } from "../../src/tandem.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-replay-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const page = readFileSync(new URL("../../../../docs/replay.md", import.meta.url), "utf8");
process.env["TANDEM_BATCH_THREADS"] = "0";
const DAY = "2026-03-02";
const RANGE = ["--from", DAY, "--until", "2026-03-03"];

async function tandem(line: string | readonly string[], access = openOrAsk) {
  const argv = typeof line === "string" ? line.split(" ").slice(1) : line;
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
  const options = { io, access, version: "0", description: "", mayRun: false };
  return { code: await runProgram([...argv, "--data", join(folder, "data")], options), ...said };
}

/** What the command works on is at hand before it does. */
async function meddle(work: (tandem: Tandem) => Promise<void>): Promise<void> {
  const said = await tandem("tandem replay list", (common, argv, io, stdin, own) =>
    openOrAsk(common, argv, io, stdin, async (t) => {
      await work(t);
      await own(t);
    }),
  );
  assert.equal(said.code, 0, said.err);
}

const fences = [...page.matchAll(/```\n([\s\S]*?)```/g)].map(([, text = ""]) =>
  text
    .trim()
    .split("\n")
    .map((line) => line.split(/ {2,}/)[0] ?? ""),
);

test("the page's commands, one after the other", async () => {
  const lines = Array.from({ length: 30 }, (_, i) =>
    JSON.stringify({
      event_id: `e${i}`,
      event_type: "purchase",
      timestamp: `${DAY}T10:${String(i).padStart(2, "0")}:00Z`,
      user_id: `u${i % 7}`,
      properties: { price: 2 },
    }),
  );
  writeFileSync(join(folder, "events.ndjson"), lines.join("\n"));
  assert.equal((await tandem("tandem load events.ndjson")).code, 0);
  assert.equal((await tandem("tandem batch run")).code, 0);
  const value = async (...more: string[]): Promise<number> => {
    const asked = await tandem([
      "query",
      "revenue",
      ...RANGE,
      "--grain",
      "day",
      "--format",
      "json",
      ...more,
    ]);
    assert.equal(asked.code, 0, asked.err);
    return JSON.parse(asked.out).points[0].value;
  };
  assert.equal(await value(), 60);
  const [start = "", list = "", show = "", compare = "", promote = "", drop = ""] = fences[0] ?? [];
  const first = await tandem(start);
  assert.deepEqual([first.code, first.err], [0, "days: 1 of 1\n"]);
  assert.equal(first.out, "archive: 1 days rebuilt, 0 were there\nidentical on 1 days\n");
  assert.equal((await tandem(drop)).out, "archive is dropped\n");

  await meddle(async ({ ports, metrics }) => {
    const metric = metrics.find((m) => m.name === "revenue");
    const rows = await ports.views.ledgerRows("day/events/");
    const entry = JSON.parse(rows[0]?.value ?? "").entries[metric?.fingerprint ?? ""];
    const kept = [];
    for await (const some of ports.views.scanRun(entry.run)) kept.push(...some);
    await ports.views.removeRun(entry.run);
    await ports.views.writeRun(entry.run, kept.slice(0, 0));
  });
  assert.equal(await value(), 0);
  const again = await tandem(start);
  assert.equal(again.code, 3, again.err);
  assert.match(again.out, /2026-03-02 {2}revenue: \d+ rows differ, \d+ cells change\n/);
  assert.match(again.out, /revenue +default +2026-03-02 +- +60 +\+60\n/);
  assert.match(
    again.out,
    /1 of 1 days differ, identical on 0; show it with: tandem replay promote archive\n/,
  );
  assert.match((await tandem(list)).out, /^archive {2}from the archive, started .* by \S+\n$/);
  assert.match((await tandem(show)).out, /\n2026-03-02 {2}\d+ metrics, \d+ rows\n$/);
  const [jsonLine = "", query = ""] = fences[1] ?? [];
  const told = await tandem(jsonLine);
  assert.equal(told.code, 3);
  const day = JSON.parse(told.out);
  assert.deepEqual([day.replay, day.day, day.identical, day.moved], ["archive", DAY, false, []]);
  const total = day.totals.find((c: { by: object }) => Object.keys(c.by).length === 0);
  assert.deepEqual(
    [total.metric, total.before, total.after, total.change],
    ["revenue", null, 60, 60],
  );
  assert.equal(day.cells_changed, day.changes.length);
  assert.match(query, /--catalogue archive$/);
  assert.equal(await value("--catalogue", "archive"), 60);
  assert.equal(await value(), 0);
  assert.equal((await tandem(compare)).code, 3);
  const promoted = await tandem(promote);
  assert.equal(promoted.code, 0, promoted.err);
  assert.equal(
    promoted.out,
    "2026-03-02  1 metrics now show it; tandem heal rollback 2026-03-02 takes it back\n",
  );
  assert.equal(await value(), 60);
  assert.match((await tandem(promote)).out, /was promoted already/);
  assert.match((await tandem(`tandem heal log ${DAY}`)).out, /promote/);
  assert.equal((await tandem(`${start} --source topic --name t`)).code, 0);
  assert.equal((await tandem(drop)).code, 0);
  assert.equal(await value(), 60);
  assert.equal((await tandem("tandem fsck")).code, 0);
});

test("what is not there, and what cannot be", async () => {
  for (const verb of ["show", "compare", "promote", "drop"]) {
    const said = await tandem(`tandem replay ${verb} nothing`);
    assert.deepEqual(
      [said.code, said.err],
      [2, "no replay nothing; tandem replay list names them\n"],
    );
  }
  assert.equal((await tandem("tandem replay start --metric nothing")).code, 2);
  assert.equal((await tandem("tandem replay start --name ../up")).code, 2);
  assert.equal((await tandem("tandem replay start --source disk")).code, 2);
  const other = await tandem("tandem replay start --name t --metric revenue");
  assert.deepEqual(
    [other.code, /another request.*configuration/.test(other.err)],
    [1, true],
    other.err,
  );
  const query = ["query", "revenue", ...RANGE, "--catalogue", "nothing"];
  assert.equal((await tandem(query)).code, 2);
});

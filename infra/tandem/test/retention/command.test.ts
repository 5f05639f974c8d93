// `tandem retention` as its page has it: every command of the page is run, on data of a hundred days ago.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { SETTINGS } from "@tandem/adapters/stack";
import { DAY_MS, dayOf, type EpochMs, formatDay } from "@tandem/shared-logic";
import { openOrAsk } from "../../src/commands/access.ts";
import { runProgram } from "../../src/commands/program.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-retention-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const page = readFileSync(new URL("../../../../docs/retention.md", import.meta.url), "utf8");

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

test("the page's commands, one after the other", async () => {
  const day = formatDay(dayOf((Date.now() - 100 * DAY_MS) as EpochMs));
  const lines = Array.from({ length: 40 }, (_, i) =>
    JSON.stringify({
      event_id: `e${i}`,
      event_type: "purchase",
      timestamp: `${day}T10:${String(i).padStart(2, "0")}:00Z`,
      user_id: `u${i % 7}`,
      properties: { price: i },
    }),
  );
  writeFileSync(join(folder, "events.ndjson"), lines.join("\n"));
  assert.equal((await tandem("load", "events.ndjson")).code, 0);
  assert.equal((await tandem("batch", "run")).code, 0);
  const until = formatDay(dayOf((Date.now() - 99 * DAY_MS) as EpochMs));
  const range = ["--from", day, "--until", until, "--format", "csv"];
  const ask = async (grain: string) => tandem("query", "revenue", ...range, "--grain", grain);
  const values = async (grain: string): Promise<string> =>
    (await ask(grain)).out.replaceAll(/\d{4}-\d{2}-\d{2}-[0-9a-f]{32}/g, "RUN");
  const before = [await values("hour"), await values("day")];
  assert.equal((await ask("minute")).code, 0);

  const fence = /```\n(tandem retention[\s\S]*?)```/.exec(page)?.[1] ?? "";
  const commands = fence
    .trim()
    .split("\n")
    .map((line) => line.split(/ {2,}/)[0] ?? "");
  assert.equal(commands.length, 4);
  const [plan, planned, applied, again] = await commands.reduce(
    async (done, line) => [...(await done), await tandem(...line.split(" ").slice(1))],
    Promise.resolve<Awaited<ReturnType<typeof tandem>>[]>([]),
  );
  for (const said of [plan, planned, applied, again]) assert.equal(said?.code, 0, said?.err);
  assert.match(
    plan?.out ?? "",
    /^roll_up {8}\d{4}-\d{2}-\d{2} revenue {2}\d+ bytes\n {15}minutes of/m,
  );
  assert.match(plan?.out ?? "", /^move_object {4}archive\/events\//m);
  const json = JSON.parse(planned?.out ?? "");
  assert.equal(json.rules.hotDays, 90);
  assert.ok(json.actions.some((a: { action: string }) => a.action === "drop_speed"));
  assert.match(applied?.out ?? "", /archive objects moved to the cold place\n/);
  assert.match(applied?.err ?? "", /actions: \d+ of \d+\n/);
  assert.deepEqual(JSON.parse(again?.out ?? ""), { done: [], passed: [], freedBytes: 0 });

  assert.deepEqual([await values("hour"), await values("day")], before);
  const minutes = await ask("minute");
  assert.equal(minutes.code, 2);
  assert.match(minutes.err, /"parameter":"grain".*grain=hour/);
  assert.equal((await tandem("fsck", "--deep")).code, 0);
  const status = await tandem("status");
  assert.equal(status.code, 0, status.out);
});

test("the page names every setting with its default, and no other", () => {
  const named = [...page.matchAll(/^\|[^|]*\| `(retention\.\w+)` \| (\d+) \|/gm)];
  assert.deepEqual(
    named.map(([, path, days]) => [path, Number(days)]).sort(),
    [
      ...SETTINGS.filter((s) => s.path.startsWith("retention.") && s.kind === "number").map((s) => [
        s.path,
        s.fallback,
      ]),
      ["retention.runDays", 7],
    ].sort(),
  );
});

// `tandem query` takes what the HTTP API takes, by the same parser, and writes the same bytes.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { FORMATS, PARAMETERS, written } from "@tandem/serving";
import { count, distinct, metric, user } from "@tandem/shared-logic";
import { ownedBy } from "../../src/commands/access.ts";
import { runProgram } from "../../src/commands/program.ts";
import type { Tandem } from "../../src/tandem.ts";
import { DAY, World } from "./serving-fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-query-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const base = { title: "T", unit: "events", version: 1, examples: [] };
const BY = [["properties.country"]];
const events = metric({ ...base, name: "events", reducer: count(), by: BY });
const users = metric({ ...base, name: "users", reducer: distinct(user()), by: BY });
const RANGE = ["--from", "2019-10-01", "--until", "2019-10-03", "--tenant", "acme"];

const w = await World.create([events, users]);
for (const country of ["DE", "DE", "DE", "FR", "FR", "=IT()"])
  w.append({ timestamp: "2019-10-01T10:00:00Z", properties: { country } });
for (const m of [events, users]) await w.publish(m, DAY, w.cut());
await w.flushAll();

async function query(...args: readonly string[]) {
  const said = { out: "", err: "" };
  const io = {
    out: (text: string) => {
      said.out += text;
    },
    err: (text: string) => {
      said.err += text;
    },
    stdin: Readable.from([]),
    cwd: folder,
  };
  const access = ownedBy({ queries: w.engine } as Tandem);
  const options = { io, access, version: "0", description: "", mayRun: false };
  const code = await runProgram(["query", ...args, "--data", folder], options);
  return { code, ...said };
}

test("every parameter of the API is a flag that reaches its parser", async () => {
  const VALUES: Partial<Record<(typeof PARAMETERS)[number], string>> = {
    tz: "Mars/Olympus",
    at_least: "r1.nothing",
  };
  for (const name of PARAMETERS) {
    const flag = `--${name === "asOf" ? "as-of" : name.replace("_", "-")}`;
    const { code, err } = await query("events", flag, VALUES[name] ?? "no such thing");
    assert.equal(code, 2, flag);
    assert.equal(JSON.parse(err.replace("tandem: ", "")).parameter, name, flag);
  }
  assert.match((await query("events", "--grain", "day", "--grain", "hour")).err, /one value/);
});

test("a condition, an order, a limit and a comparison on the command line", async () => {
  const where = ["--where", "properties.country in (DE, FR)", "--grain", "total"];
  const some = await query("events", ...RANGE, ...where, "--format", "json");
  assert.equal(JSON.parse(some.out).points[0].value, 5, some.err);
  const top = await query(
    ...["events", ...RANGE, "--by", "properties.country", "--limit", "1", "--order", "-value"],
    ...["--grain", "total", "--compare", "previous_period"],
  );
  assert.equal(top.code, 0, top.err);
  const rows = top.out.split("\n").map((l) => l.split(/\s+/));
  const of = (role: string) => rows.filter((r) => r[0] === role);
  assert.deepEqual(
    of("point").map((r) => r.slice(3, 5)),
    [
      ["DE", "3"],
      ["(rest)", "3"],
    ],
  );
  assert.ok(of("total")[0]?.includes("6"), top.out);
  assert.deepEqual(of("compare")[0]?.slice(3, 5), ["DE", "0"]);
  assert.match(top.out, /# 3 groups/);
  const by = ["events", ...RANGE, "--by", "properties.country", "--grain", "total", "--limit", "2"];
  const first = await query(...by);
  const next = /# next page: (--cursor) (\S+)/.exec(first.out)?.slice(1) ?? [];
  const last = await query(...by, ...next);
  assert.deepEqual([last.code, last.out.includes("next page")], [0, false], last.err);
  assert.match(last.out, /=IT\(\)/);
  const foreign = await query(...by, ...next, "--order", "name");
  assert.deepEqual([foreign.code, /"parameter":"cursor"/.test(foreign.err)], [2, true]);
});

test("each format is the API's own, of one metric and of several, to a file as well", async () => {
  for (const names of [["events"], ["events", "users"]]) {
    const asked = await w.engine.queryMany(
      { from: "2019-10-01", until: "2019-10-03", by: "properties.country" },
      names,
      "acme",
    );
    assert.ok(asked.ok);
    for (const format of FORMATS) {
      const file = join(folder, `answer.${format}`);
      const args = [...names, ...RANGE, "--by", "properties.country", "--format", format];
      const made = await query(...args, "--out", `answer.${format}`);
      assert.deepEqual([made.code, made.out, made.err], [0, "", ""]);
      const bytes = await written(format, asked.answers, names.length === 1);
      assert.ok(Buffer.from(bytes).equals(readFileSync(file)), format);
      if (format === "arrow") continue;
      const text = new TextDecoder().decode(bytes);
      assert.equal((await query(...args)).out.trimEnd(), text.trimEnd());
      if (format === "csv") assert.match(text, /'=IT\(\)/);
    }
  }
});

test("what cannot be printed, written or asked leaves its code and its reason", async () => {
  const arrow = await query("events", ...RANGE, "--format", "arrow");
  assert.deepEqual([arrow.code, arrow.err], [2, "tandem: arrow is no text; --out FILE takes it\n"]);
  const nowhere = await query("events", ...RANGE, "--out", "no/such/folder");
  assert.deepEqual([nowhere.code, nowhere.err.includes("ENOENT")], [2, true]);
  assert.match((await query("events", "events", ...RANGE)).err, /every metric once/);
  assert.match((await query("evnts", ...RANGE)).err, /"would_work":\["events","users"\]/);
  const late = await query("events", ...RANGE, "--max-error", "7");
  assert.match(late.err, /"parameter":"max_error"/);
});

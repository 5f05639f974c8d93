// The commands as people type them: eight at once on a process that owns the directory, and what they leave to
// scripts.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Io } from "../../src/commands/io.ts";
import { askOwner } from "../../src/ops/ops-client.ts";
import { readOwner } from "../../src/ops/owner-file.ts";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tandem-heal-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const DAY = "2026-03-02";
const PEOPLE = 8;

interface Said {
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/** As another process asks the owner of the directory. */
async function tandem(argv: readonly string[], input = ""): Promise<Said> {
  const said = { out: "", err: "" };
  const io: Io = {
    out(text) {
      said.out += text;
    },
    err(text) {
      said.err += text;
    },
    stdin: Readable.from([Buffer.from(input)]),
    cwd: folder,
  };
  const owner = await readOwner(folder);
  assert.ok(owner);
  const code = await askOwner(owner, [...argv, "--data", folder], io, input !== "");
  return { code, ...said };
}

const event = (id: string, price: number): string =>
  JSON.stringify({
    event_id: id,
    event_type: "purchase",
    timestamp: `${DAY}T10:00:00Z`,
    user_id: id,
    properties: { price },
  });

test("eight people heal a day at once; one does, the others are told by which run", async () => {
  const owner = spawn(process.execPath, [MAIN, "run", "--data", folder, "--port", "0"]);
  try {
    for await (const line of createInterface({ input: owner.stdout }))
      if (line.startsWith("running ")) break;
    assert.equal((await tandem(["load", "-"], event("a", 10))).code, 0);
    assert.equal((await tandem(["batch", "run"])).code, 0);
    assert.equal((await tandem(["load", "-"], event("b", 2.5))).code, 0);
    const planned = await tandem(["heal", "plan", DAY, "--format", "json"]);
    assert.equal(planned.code, 0, planned.err);
    const plan = JSON.parse(planned.out);
    assert.equal(plan.day, DAY);
    assert.equal(plan.offsets.length, 4);
    assert.equal(plan.cells_changed, plan.changes.length);
    assert.deepEqual(plan.code_changed, []);
    assert.ok(plan.cost.rows_read > 0 && plan.cost.bytes_read > 0);
    const revenue = plan.totals.find(
      (c: { metric: string; by: object }) =>
        c.metric === "revenue" && Object.keys(c.by).length === 0,
    );
    assert.deepEqual([revenue.before, revenue.after, revenue.change], [10, 12.5, 2.5]);

    const names = Array.from({ length: PEOPLE }, (_, i) => `p${i}`);
    const all = await Promise.all(
      names.map((by) => tandem(["heal", "apply", plan.run, "--by", by])),
    );
    assert.deepEqual(all.map((s) => s.code).sort(), [0, ...Array(PEOPLE - 1).fill(3)]);
    for (const said of all.filter((s) => s.code !== 0)) {
      assert.match(said.err, /superseded by run 2026-03-02-[0-9a-f]{32}/);
      assert.ok(Object.values(plan.runs).some((run) => said.err.includes(String(run))));
    }
    const log = await tandem(["heal", "log", DAY]);
    const winner = names[all.findIndex((s) => s.code === 0)];
    assert.equal(log.out.match(/ heal /g)?.length, 1, log.out);
    assert.match(log.out, new RegExp(`  ${winner}  heal  `));

    assert.match((await tandem(["heal", "plan", DAY])).out, /nothing to heal/);
    const back = await tandem(["heal", "rollback", DAY]);
    assert.equal(back.code, 0, back.err);
    assert.equal((await tandem(["heal", "apply", plan.run])).code, 3);
    const why = JSON.parse((await tandem(["explain", "revenue", DAY, "--format", "json"])).out);
    assert.equal(why.answer.points[0].value, 12.5);
    const { did, before, after } = why.days[0].lastChange;
    assert.deepEqual([did, before, after], ["rollback", 12.5, 10]);
    assert.match((await tandem(["heal", "unpin", DAY])).out, /may be healed again/);
    assert.match((await tandem(["heal", "auto", "off"])).out, /are off since/);
    assert.equal((await tandem(["heal", "apply", "heal-nothing"])).code, 2);
  } finally {
    owner.kill("SIGTERM");
    await once(owner, "exit");
  }
});

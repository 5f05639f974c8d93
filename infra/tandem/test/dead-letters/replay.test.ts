// Rejected events as people deal with them: list, show, fix, replay; replaying twice counts once, on the day the
// event would have counted in.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { DirectoryLock, systemClock } from "@tandem/adapters/embedded";
import { ownedBy } from "../../src/commands/access.ts";
import { runProgram } from "../../src/commands/program.ts";
import { Tandem } from "../../src/tandem.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-letters-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const event = (id: string, more: object): string =>
  JSON.stringify({
    event_id: id,
    event_type: "purchase",
    timestamp: "2026-03-02T10:00:00Z",
    user_id: "ann",
    properties: { price: 3 },
    ...more,
  });

test("a rejected event is shown, fixed, and sent again once", async () => {
  const dataDir = join(folder, "data");
  const lock = await DirectoryLock.take(dataDir);
  const tandem = await Tandem.open({ dataDir, clock: systemClock(), threads: 0 });
  const said = { out: "", err: "" };
  const run = async (...argv: string[]): Promise<number> => {
    said.out = "";
    said.err = "";
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
    const options = { io, access: ownedBy(tandem), version: "0", description: "", mayRun: false };
    return runProgram([...argv, "--data", dataDir], options);
  };
  try {
    const lines = [
      event("good", {}),
      event("bad", { timestamp: "yesterday" }),
      event("odd", { event_type: 7 }),
    ];
    writeFileSync(join(folder, "events.ndjson"), lines.join("\n"));
    await run("load", "events.ndjson");
    assert.equal(await run("dead-letters", "--limit", "5"), 0);
    assert.match(said.out, /^2 kept/m);
    const ids = said.out
      .split("\n")
      .flatMap((l) => (l.includes("  default  ") ? [l.split(" ")[0] ?? ""] : []));
    const [bad = "", odd = ""] = ids;
    assert.equal(await run("dead-letters", "show", bad), 0);
    assert.match(said.out, /timestamp: expected .*\n\{"event_id":"bad"/);
    assert.equal(await run("dead-letters", "show", bad, "--tenant", "another"), 2);

    assert.equal(await run("dead-letters", "replay", bad), 2);
    assert.match(said.err, /timestamp: expected/);
    const other = JSON.stringify({ event_id: "new", timestamp: "2026-03-02T11:00:00Z" });
    assert.equal(await run("dead-letters", "fix", bad, "--patch", other), 2);
    assert.match(said.err, /its event_id is bad and stays so/);
    const patch = JSON.stringify([
      { op: "replace", path: "/timestamp", value: "2026-03-02T11:00:00Z" },
    ]);
    assert.equal(await run("dead-letters", "fix", bad, "--patch", patch), 0);
    assert.equal(JSON.parse(said.out).event_id, "bad");
    for (let i = 0; i < 2; i++)
      assert.equal(await run("dead-letters", "replay", bad, "--patch", patch), 0);
    assert.equal(
      await run("dead-letters", "replay", odd, "--patch", '{"event_type":"purchase"}'),
      0,
    );
    assert.equal(await run("dead-letters", "replay", "nothing"), 2);

    assert.equal(await run("batch", "run"), 0);
    const range = ["--from", "2026-03-02", "--until", "2026-03-03", "--grain", "day"];
    assert.equal(await run("query", "revenue", ...range, "--format", "json"), 0);
    const [point] = JSON.parse(said.out).points;
    assert.deepEqual([point.value, point.exact, point.layer], [9, true, "batch"]);
  } finally {
    await tandem.close();
    await lock.release();
  }
});

// The command as people use it: a process that owns a directory, other commands that ask it, metric files
// from a folder outside the repository, and a stop that is asked for twice.
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Answer } from "@tandem/shared-logic";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tandem-command-"));
after(() => rmSync(folder, { recursive: true, force: true }));

function tandem(
  args: readonly string[],
  input = "",
): { code: number | null; out: string; err: string } {
  const child = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: "utf8",
    input,
    cwd: folder,
  });
  return { code: child.status, out: child.stdout, err: child.stderr };
}

/** Starts `tandem run` and waits for its address. */
async function run(
  data: string,
  ...more: string[]
): Promise<{ child: ChildProcess; url: string; errors: () => string }> {
  const child = spawn(process.execPath, [MAIN, "run", "--data", data, "--port", "0", ...more]);
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const lines = createInterface({ input: child.stdout });
  let url = "";
  for await (const line of lines) {
    url ||= /listening on (\S+)/.exec(line)?.[1] ?? "";
    if (line.startsWith("running ")) break;
  }
  return { child, url, errors: () => errors };
}

const EVENTS = [
  { event_id: "1", event_type: "view", timestamp: "2026-03-02T10:00:00Z", user_id: "ann" },
  { event_id: "2", event_type: "view", timestamp: "2026-03-02T10:05:00Z", user_id: "bob" },
  {
    event_id: "3",
    event_type: "purchase",
    timestamp: "2026-03-02T11:00:00Z",
    user_id: "ann",
    properties: { price: 12.5 },
  },
];
const body = EVENTS.map((e) => JSON.stringify(e)).join("\n");
const RANGE = [
  "--from",
  "2026-03-02",
  "--until",
  "2026-03-03",
  "--grain",
  "day",
  "--format",
  "json",
];

test("load, batch run and query on a directory nobody owns", () => {
  const data = join(folder, "alone");
  const loaded = tandem(["load", "-", "--data", data], `${body}\nnot json\n`);
  assert.equal(loaded.code, 0, loaded.err);
  assert.match(loaded.out, /accepted 3, rejected 1, retry 0\n {2}not_json 1/);
  const batch = tandem(["batch", "run", "--data", data]);
  assert.equal(batch.code, 0, batch.err);
  const asked = tandem(["query", "revenue", "--data", data, ...RANGE]);
  const answer = JSON.parse(asked.out) as Answer;
  assert.deepEqual(
    [answer.points[0]?.value, answer.points[0]?.exact, answer.points[0]?.layer],
    [12.5, true, "batch"],
  );
  const status = tandem(["status", "--data", data]);
  assert.equal(status.code, 0, status.out);
  const bad = tandem(["query", "revenue", "--data", data, ...RANGE, "--by", "properties.colour"]);
  assert.equal(bad.code, 2);
  assert.match(bad.err, /"parameter":"by".*properties\.country/);
});

test("a metric file from a folder outside backfills, and other commands ask the owner", async () => {
  const data = join(folder, "owned");
  const metrics = mkdtempSync(join(folder, "metrics-"));
  assert.equal(tandem(["load", "-", "--data", data], body).code, 0);
  writeFileSync(
    join(metrics, "views.ts"),
    `import { count, eventType, metric } from "@tandem/shared-logic";
export const views = metric({ name: "views", title: "Views", unit: "events", version: 1,
  where: eventType("view"), reducer: count(), examples: [] });\n`,
  );
  const { child, url, errors } = await run(data, "--metrics", metrics);
  try {
    const made = tandem(["keys", "create", "--data", data]);
    const key = made.out.trim();
    assert.match(key, /^tdm_/, made.err);
    const sent = await fetch(`${url}/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ ...EVENTS[0], event_id: "4", timestamp: "2026-03-02T12:00:00Z" }),
    });
    assert.equal(sent.status, 202);
    const batch = tandem(["batch", "run", "--include-open", "--data", data]);
    assert.equal(batch.code, 0, batch.err);
    const answer = JSON.parse(tandem(["query", "views", "--data", data, ...RANGE]).out) as Answer;
    assert.equal(answer.points[0]?.value, 3);
    assert.deepEqual(answer.missing, []);
    const refused = await fetch(`${url}/metrics/views`);
    assert.equal(refused.status, 401);
  } finally {
    // As Ctrl-C does through the starter: the same request twice.
    child.kill("SIGINT");
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number | null];
    assert.equal(code, 0, errors());
    assert.match(errors(), /stopping/);
  }
});

// Each layer's main as a process of its own, on an embedded directory: the ready line, the operations port,
// an end in order, a second signal, and starts that cannot be.
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const TANDEM = join(root, "infra/tandem/src/main.ts");
const folder = mkdtempSync(join(tmpdir(), "tandem-layers-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const data = (name: string): string => join(folder, name);

interface Layer {
  readonly child: ChildProcess;
  readonly line: string;
  readonly operations: string;
  readonly errors: () => string;
}

const env = (name: string, more: Record<string, string> = {}) => ({
  ...process.env,
  TANDEM_DATA_DIR: data(name),
  TANDEM_COLLECTOR_PORT: "0",
  TANDEM_SERVING_PORT: "0",
  ...more,
});

function spawned(args: readonly string[], name: string, more: Record<string, string> = {}) {
  const child = spawn(process.execPath, args, { cwd: root, env: env(name, more) });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return { child, errors: () => errors };
}

async function start(args: readonly string[], name: string): Promise<Layer> {
  const { child, errors } = spawned(args, name);
  for await (const line of createInterface({ input: child.stdout })) {
    const operations = /operations on (\S+)$/.exec(line)?.[1];
    if (line.includes(" ready: ") && operations !== undefined)
      return { child, line, operations, errors };
  }
  return assert.fail(errors());
}

async function refused(args: readonly string[], name: string, more: Record<string, string> = {}) {
  const { child, errors } = spawned(args, name, more);
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(code, 1, errors());
  const lines = errors()
    .split("\n")
    .filter((line) => line.startsWith("tandem "));
  assert.equal(lines.length, 1, errors());
  return lines[0] ?? "";
}

/** Makes a directory with a dataset; an API key of it. */
function make(name: string, ...more: readonly string[]): string {
  const args = [TANDEM, "keys", "create", "--data", data(name), ...more];
  const made = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(made.status, 0, made.stderr);
  return made.stdout.trim();
}

let key = "";
before(() => {
  key = make("own");
});

const LAYERS: readonly (readonly [string, readonly string[], RegExp, RegExp])[] = [
  ["collect", ["ingest/main.ts", "collect"], /events at http/, /^events_accepted_total 0$/m],
  ["archive", ["ingest/main.ts", "archive"], /partitions 0, 1, 2, 3/, /^archive_lag_records\{/m],
  ["speed", ["speed-layer/main.ts"], /partitions 0, 1, 2, 3/, /^consumer_lag_seconds\{/m],
  ["batch", ["batch-layer/main.ts"], /batch of events/, /^day_unsealed_seconds 0$/m],
  ["serve", ["serving/main.ts"], /answers at http/, /^freshness_seconds /m],
];

for (const [name, args, about, metric] of LAYERS) {
  test(`${name}: ready, tells its figures, ends in order`, async () => {
    const { child, line, operations, errors } = await start(args, "own");
    try {
      assert.match(line, new RegExp(`^tandem ${name} ready: `));
      assert.match(line, about);
      assert.equal((await fetch(`${operations}/healthz`)).status, 200);
      const until = performance.now() + 5000;
      // Loops begin a moment after the line.
      let text = "";
      while (!metric.test(text) && performance.now() < until)
        text = await (await fetch(`${operations}/metrics`)).text();
      assert.match(text, metric);
      assert.match(text, /^telemetry_failures_total 0$/m);
      assert.equal((await fetch(`${operations}/readyz`)).status, 200);
      assert.equal((await fetch(`${operations}/command`)).status, 404);
    } finally {
      child.kill("SIGTERM");
    }
    const [code] = (await once(child, "close")) as [number | null];
    assert.equal(code, 0, errors());
    assert.match(errors(), /"msg":"stopped"/);
  });
}

test("a second process on the same directory is refused, and so is a taken port", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const taken = { TANDEM_SERVING_PORT: String(port) };
  assert.match(
    await refused(["serving/main.ts"], "own", taken),
    /serving\.port \(TANDEM_SERVING_PORT\): another process/,
  );
  const operations = { TANDEM_OPERATIONS_PORT: String(port) };
  assert.match(await refused(["serving/main.ts"], "own", operations), /operations\.port/);
  server.close();
  const { child } = await start(["serving/main.ts"], "own");
  assert.match(await refused(["speed-layer/main.ts"], "own"), /belongs to the running process/);
  child.kill("SIGKILL");
  await once(child, "close");
});

test("what cannot start says why: no dataset, another number of partitions, a wrong setting", async () => {
  assert.match(await refused(["serving/main.ts"], "nothing"), /dataset\.name.*tandem setup/);
  const five = { TANDEM_DATASET_PARTITIONS: "5" };
  assert.match(
    await refused(["serving/main.ts"], "own", five),
    /dataset\.partitions.*is 5.* 4 partitions/,
  );
  const wrong = { TANDEM_SPEED_FLUSH: "5" };
  assert.match(
    await refused(["speed-layer/main.ts"], "own", wrong),
    /did you mean TANDEM_SPEED_FLUSH_MS/,
  );
  const file = join(folder, "bad.json");
  writeFileSync(file, '{ "stack": "reel" }');
  const config = ["serving/main.ts", "--config", file];
  assert.match(
    await refused(config, "own"),
    /stack \(TANDEM_STACK\) from the file: expected one of/,
  );
});

test("a loop that stops for good ends the process with its reason and exit code 1", async () => {
  const metrics = join(folder, "metrics");
  mkdirSync(metrics);
  writeFileSync(
    join(metrics, "views.ts"),
    `import { count, metric } from "@tandem/shared-logic";
export const views = metric({ name: "views", title: "Views", unit: "events", version: 1,
  reducer: count(), examples: [] });\n`,
  );
  // Active from genesis, and then its file is gone.
  make("broken", "--metrics", metrics);
  const line = await refused(["speed-layer/main.ts"], "broken");
  assert.match(line, /^tandem speed: speed\/\d: metric .* no metric folder has its file/);
});

test("a second signal ends a process at once, while the first one waits for a request", async () => {
  const { child, line, operations } = await start(["ingest/main.ts", "collect"], "own");
  const url = new URL(/events at (\S+);/.exec(line)?.[1] ?? "");
  const req = request(url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      "content-length": "100",
    },
  });
  req.on("error", () => undefined);
  req.write("{");
  // The collector counts it once its headers are there.
  let text = "";
  while (!/^requests_total 1$/m.test(text))
    text = await (await fetch(`${operations}/metrics`)).text();
  child.kill("SIGTERM");
  let ready = 200;
  while (ready === 200) ready = (await fetch(`${operations}/readyz`)).status;
  assert.equal(ready, 503);
  child.kill("SIGTERM");
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(code, 1);
});

// Starting what does not run, after the plan was changed: who runs keeps its operations port, and a new
// process is not given the port of another.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { identityOf } from "@tandem/adapters/embedded";
import { TandemError } from "@tandem/shared-logic";
import { writePid } from "../../src/processes/pid-file.ts";
import { startProcesses } from "../../src/processes/start-processes.ts";

const folder = mkdtempSync(join(tmpdir(), "tandem-start-"));
const server = createServer((_, res) => res.end('{"status":"ok"}'));
after(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a changed plan takes nobody's operations port", async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  // This process stands for one that was started before.
  const identity = await identityOf(process.pid);
  await writePid(folder, "serve-1", { ...identity, operationsPort: port });
  const lines: string[] = [];
  const options = {
    folder,
    configFile: undefined,
    env: {},
    readyMs: 5000,
    say: (line: string) => void lines.push(line),
  };
  const plan = (name: string, operationsPort: number) => ({
    name,
    file: "nowhere.ts",
    args: [],
    env: {},
    operationsPort,
  });
  await assert.rejects(
    startProcesses([plan("batch-1", port), plan("serve-1", port + 1)], options),
    (error) =>
      error instanceof TandemError &&
      error.code === "configuration" &&
      /operationsPort.*batch-1.*serve-1.*processes stop/.test(error.message),
  );
  assert.deepEqual(lines, []);
  await startProcesses([plan("serve-1", port + 1)], options);
  assert.deepEqual(lines, [`serve-1 runs already (${process.pid})`]);
});

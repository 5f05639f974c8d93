// Which processes an installation is made of.
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadConfig } from "@tandem/adapters/stack";
import { plannedProcesses } from "../../src/processes/planned-processes.ts";

const planned = (env: Readonly<Record<string, string>>) =>
  plannedProcesses(loadConfig({ env, file: undefined }).config);

test("a bridge is started where a foreign topic is named, and moves nobody's port", () => {
  const without = planned({});
  const withBridge = planned({ TANDEM_BRIDGE_TOPIC: "orders" });
  assert.deepEqual(withBridge.slice(0, -1), without);
  const last = withBridge.at(-1);
  assert.equal(last?.name, "bridge-1");
  assert.equal(last?.file, "ingest/main.ts");
  assert.deepEqual(last?.args, ["bridge"]);
  assert.equal(new Set(withBridge.map((p) => p.operationsPort)).size, withBridge.length);
});

// What README shows is what there is: its metric file loads, and every command and target it names exists.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadMetricFolder } from "@tandem/adapters/stack";
import { readyMetrics } from "@tandem/shared-logic";
import { columnsOf } from "@tandem/shared-logic/testing";
import { runProgram } from "../src/commands/program.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const makefile = readFileSync(join(root, "Makefile"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "tandem-documents-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("README's metric file loads from a folder outside and its example holds", async () => {
  const fence = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  assert.ok(fence);
  writeFileSync(join(folder, "buyers.ts"), fence);
  const [metric] = await loadMetricFolder(folder);
  assert.equal(metric?.name, "buyers");
  const example = metric?.examples[0];
  const reducer = metric?.reducer;
  assert.ok(example && reducer);
  const events = example.events.map((e, i) => ({ event_id: `e${i}`, ...e }));
  const itemOf = reducer.items(columnsOf(events));
  let state: unknown = reducer.exact.zero;
  events.forEach((_, row) => {
    state = reducer.exact.append(state, itemOf(row));
  });
  const window = { from: 0, until: 1 } as never;
  assert.equal(
    String(reducer.exact.present(state, { window, events: 2 }).value?.units),
    example.value,
  );
});

test("every ready metric is in docs/metrics.md, and README says how many there are", () => {
  const listed = readFileSync(join(root, "docs/metrics.md"), "utf8");
  for (const { name } of readyMetrics) assert.ok(listed.includes(`\`${name}\``), name);
  assert.equal(Number(/(\d+) more by name/.exec(readme)?.[1]), readyMetrics.length);
});

test("every make target of README and CONTRIBUTING exists", () => {
  const text = readme + readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  const named = new Set([...text.matchAll(/(?:^|`)make ([a-z][a-z-]*)/gm)].map((m) => m[1] ?? ""));
  const targets = new Set([...makefile.matchAll(/^([a-z-]+):/gm)].map((m) => m[1] ?? ""));
  assert.ok(named.size > 5);
  for (const name of named) assert.ok(targets.has(name), `make ${name}`);
});

/** `keys list|revoke` are two commands; what follows the name, as files and options do, is left out. */
function commandsOf(line: string): string[][] {
  const [first = "", second = ""] = line.trim().split(/\s+/);
  if (first === "keys") return second.split("|").map((s) => [first, s]);
  return [first === "batch" ? [first, second] : [first]];
}

test("every tandem command of README has a help text", async () => {
  const lines = [...readme.matchAll(/^npx tandem ([^\n]*)$/gm)].flatMap((m) =>
    (m[1] ?? "").split("·"),
  );
  const commands = lines.flatMap(commandsOf);
  assert.ok(commands.length >= 9);
  for (const command of commands) {
    const printed: string[] = [];
    const io = {
      out: (text: string) => void printed.push(text),
      err: (text: string) => void printed.push(text),
      stdin: process.stdin,
      cwd: folder,
    };
    const access = () => Promise.reject(new RangeError("help opens nothing"));
    const options = { io, access, version: "0", description: "", mayRun: true };
    assert.equal(await runProgram([...command, "--help"], options), 0, command.join(" "));
    assert.ok(printed.join("").startsWith(`Usage: tandem ${command.join(" ")}`), printed.join(""));
  }
});

// docs/operations.md says of the settings and of what is used what there is.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseCommandLine } from "../src/command-line.ts";
import { defaultPorts, PREFIX, settingsTable } from "../src/settings.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const text = readFileSync(`${root}docs/operations.md`, "utf8");

test("the table of settings is the one in the code, and its ports are the defaults", () => {
  const rows = [...text.matchAll(/^\| `TANDEM_SERVERS_(\w+)` \| `(.*?)` \| (.*) \|$/gm)];
  const shown = rows.map(([, name, value, about]) => [name, value, about]);
  assert.deepEqual(shown, settingsTable);
  const values = new Map(settingsTable.map(([name, value]) => [name, value]));
  for (const [name, port] of Object.entries(defaultPorts)) {
    assert.equal(values.get(name), String(port));
  }
  for (const [, name = ""] of text.matchAll(/TANDEM_SERVERS_(\w+)/g)) {
    assert.ok(values.has(name), PREFIX + name);
  }
});

test("its commands are commands, its make targets are targets", () => {
  const lines = [
    ...text.matchAll(/node infra\/servers\/src\/main.ts ([^")\n]*?)(?:["){]| {2}|$)/gm),
  ];
  assert.ok(lines.length >= 5);
  for (const [, line = ""] of lines) parseCommandLine(line.trim().split(" "));
  const makefile = readFileSync(`${root}Makefile`, "utf8");
  for (const [, target] of text.matchAll(/(?:^|`)make ([a-z-]+)/gm)) {
    assert.match(makefile, new RegExp(`^${target}:`, "m"));
  }
});

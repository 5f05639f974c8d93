// The runbook is executed: each alert's situation is really there, the commands of its page are typed as they stand,
// and what the page says of the end comes true. Every alert has a page and links to it, every page an alert, and
// every command was typed here, or stands behind `real` and is typed on real servers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { FLOWING_SCENES } from "./flowing-scenes.ts";
import { Installation } from "./installation.ts";
import { type Command, PARTS, readRunbook } from "./read-runbook.ts";
import { runPage, words } from "./run-page.ts";
import { STORED_SCENES } from "./stored-scenes.ts";

const file = (path: string): string =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
const { placeholders, pages } = readRunbook();
const SCENES = { ...STORED_SCENES, ...FLOWING_SCENES };
const typed = new Set<Command>();
const commands = pages.flatMap((page) =>
  PARTS.flatMap((part) => page.parts[part].map((command) => ({ page, part, command }))),
);

test("every alert has its page and links to it, every page its alert", () => {
  const rules = file("infra/deploy/alerts.yaml")
    .split(/^ {6}- alert: /m)
    .slice(1);
  const alerts = rules.map((rule) => rule.split("\n")[0] ?? "");
  assert.deepEqual(pages.map((page) => page.alert).sort(), [...alerts].sort());
  for (const [i, alert] of alerts.entries()) {
    const link = `docs/runbook.md#${alert.toLowerCase()}`;
    assert.match(rules[i] ?? "", new RegExp(`^ {10}runbook: "?${link}"?$`, "m"), alert);
  }
  const meanings = file("docs/alerts.md");
  for (const alert of alerts)
    assert.ok(meanings.includes(`(runbook.md#${alert.toLowerCase()})`), alert);
});

test("every page says what it means, how to look and heal, when it is over, what can be lost", () => {
  for (const { alert, text, parts } of pages) {
    assert.match(text, /^\*\*Users\*\*/m, alert);
    assert.match(text, /^\*\*Can be lost\*\*: \S/m, alert);
    for (const part of PARTS) assert.ok(parts[part].length > 0, `${alert} has no ${part}`);
    assert.ok(
      parts.Over.some((c) => c.prints.length > 0 && !c.real),
      `${alert} does not say when it is over`,
    );
  }
});

test("what is to be filled in is declared", () => {
  const text = commands.map(({ command: c }) => [c.typed, ...c.prints].join("\n")).join("\n");
  const used = new Set(text.match(/\b[A-Z]{2,}\b/g));
  assert.deepEqual([...used].sort(), [...placeholders].sort());
});

test("words of a line", () => {
  assert.deepEqual(words(`a 'b c' --d "e f" g`), ["a", "b c", "--d", "e f", "g"]);
});

for (const page of pages) {
  test(`${page.alert}: typed as it stands`, async () => {
    const scene = SCENES[page.alert];
    assert.ok(scene, `no scene plants ${page.alert}`);
    const site = new Installation();
    try {
      const ground = await scene(site);
      await runPage(page, ground, (command) => typed.add(command));
    } finally {
      await site.close();
    }
  });
}

after(() => {
  const left = commands.filter(({ command }) => !command.real && !typed.has(command));
  assert.deepEqual(
    left.map(({ page, part, command }) => `${page.alert}, ${part}: ${command.typed}`),
    [],
  );
});

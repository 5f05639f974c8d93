// docs/add-a-metric.md is typed as it stands, in an empty folder: its files are written, its commands run, and what
// stands under each is printed, in this order. The example that is refused is refused with few events.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { openOrAsk } from "../../src/commands/access.ts";
import { runProgram } from "../../src/commands/program.ts";
import { commandsOf } from "../runbook/read-runbook.ts";
import { words } from "../runbook/run-page.ts";

const page = readFileSync(new URL("../../../../docs/add-a-metric.md", import.meta.url), "utf8");
const folder = mkdtempSync(join(tmpdir(), "tandem-add-a-metric-"));
after(() => rmSync(folder, { recursive: true, force: true }));

async function tandem(argv: readonly string[]): Promise<{ code: number; text: string }> {
  let text = "";
  const say = (t: string): void => {
    text += t;
  };
  // The folders are the person's own: relative names are meant from there.
  const own = argv.map((word, i) => (argv[i - 1] === "--metrics" ? join(folder, word) : word));
  const data =
    ["metrics"].includes(argv[0] ?? "") && !argv.includes("--all")
      ? []
      : ["--data", join(folder, "data")];
  const code = await runProgram([...own, ...data], {
    io: { out: say, err: say, stdin: Readable.from([]), cwd: folder },
    access: openOrAsk,
    version: "0",
    description: "",
    mayRun: false,
  });
  return { code, text };
}

async function type(typed: string, prints: readonly string[]): Promise<void> {
  const [npx, name, ...argv] = words(typed);
  assert.deepEqual([npx, name], ["npx", "tandem"], typed);
  const { code, text } = await tandem(argv);
  assert.equal(
    code,
    prints.some((line) => line.includes("is broken")) ? 1 : 0,
    `${typed}\n${text}`,
  );
  let at = 0;
  for (const line of prints) {
    const found = text.indexOf(line, at);
    assert.ok(found >= 0, `${typed} does not print "${line}" there:\n${text}`);
    at = found + line.length;
  }
}

test("the page, typed from its first line to its last", async () => {
  let commands = 0;
  for (const [fence, kind = "", file = "", body = ""] of page.matchAll(
    /^```(\w*) ?(\S*)\n(.*?)^```$/gms,
  )) {
    if (kind !== "") {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), body);
      continue;
    }
    for (const { typed, prints } of commandsOf(fence)) {
      await type(typed, prints);
      commands++;
    }
  }
  assert.equal(commands, 8);
});

test("a file that metrics new writes passes, whatever its name", async () => {
  for (const name of ["a", "sum", "class", "two__words_", "a_1"]) {
    assert.equal((await tandem(["metrics", "new", name, "--folder", "new"])).code, 0, name);
    const file = `new/${name.replaceAll("_", "-")}.ts`;
    const { code, text } = await tandem(["metrics", "check", file]);
    assert.match(text, /38 of 38 laws hold, 1 of 1 examples hold/, name);
    assert.equal(code, 0);
  }
});

test("a name that is none, a file that is there and one that is not", async () => {
  for (const name of ["Paid", "../x", ""])
    assert.deepEqual((await tandem(["metrics", "new", name])).code, 2, name);
  const again = await tandem(["metrics", "new", "a", "--folder", "new"]);
  assert.deepEqual(again, { code: 2, text: "tandem: new/a.ts is there already\n" });
  const absent = await tandem(["metrics", "check", "new/absent.ts"]);
  assert.equal(absent.code, 1);
  assert.match(absent.text, /metric_invalid/);
});

test("an example that does not hold, and a reducer that asks the clock, are refused", async () => {
  const source = readFileSync(join(folder, "new/a.ts"), "utf8");
  writeFileSync(join(folder, "new/wrong.ts"), source.replace('value: "12.5"', 'value: "13"'));
  const wrong = await tandem(["metrics", "check", "new/wrong.ts"]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.text, /is 12\.5, and the example says 13/);
  const draft = readFileSync(join(folder, "drafts/last-price.ts"), "utf8");
  const clock = draft
    .replace(/append: .*/, "append: (s, x) => total.exact.append(s, x + BigInt(0 * Date.now())),")
    .replace(/plus: .*/, "");
  writeFileSync(join(folder, "drafts/clock.ts"), clock);
  const asked = await tandem(["metrics", "check", "drafts/clock.ts"]);
  assert.equal(asked.code, 1);
  assert.match(asked.text, /last: exact is deterministic\n {2}.*Date/);
});

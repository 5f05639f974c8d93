// Types the commands of a page as they stand there, placeholders filled in. `npx tandem` runs in this process,
// everything else in a shell. What the last part says must come true while it is asked again and again.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import type { Said } from "./installation.ts";
import { type Command, PARTS, type Page, type Part } from "./read-runbook.ts";

export interface Ground {
  readonly values: Readonly<Record<string, string>>;
  /** Runs `tandem` with these words. */
  readonly tandem: (argv: readonly string[]) => Promise<Said>;
  /** What happens that no command does: brokers are back, a disk has room. Before the last part. */
  readonly others?: () => Promise<void>;
}

/** Kept short by what a command is for: looking may find something, healing may give something up. */
const EXITS: Readonly<Record<Part, readonly number[]>> = {
  Look: [0, 1, 3, 4],
  Heal: [0, 3],
  Over: [0],
};
const PATIENCE_MS = 20_000;

/** Runs what stands for these servers; tells each command that it ran. */
export async function runPage(
  page: Page,
  ground: Ground,
  ran: (command: Command) => void,
  real = false,
): Promise<void> {
  for (const part of PARTS) {
    if (part === "Over") await ground.others?.();
    for (const command of page.parts[part]) {
      if (command.real && !real) continue;
      await typed(page, part, command, ground);
      ran(command);
    }
  }
}

async function typed(page: Page, part: Part, command: Command, ground: Ground): Promise<void> {
  const fill = (text: string): string =>
    text.replaceAll(/\b[A-Z]{2,}\b/g, (word) => ground.values[word] ?? word);
  const line = fill(command.typed);
  const until = performance.now() + (part === "Over" ? PATIENCE_MS : 0);
  for (;;) {
    const said = await run(line, ground);
    const wrong = wrongOf(said, part, command.prints.map(fill));
    if (wrong === undefined) return;
    if (performance.now() > until)
      assert.fail(`${page.alert}, ${part}: ${line}: ${wrong}\n${said.text}`);
    await pause(100);
  }
}

function wrongOf({ code, text }: Said, part: Part, prints: readonly string[]): string | undefined {
  if (!EXITS[part].includes(code)) return `exit code ${code}`;
  let at = 0;
  for (const expected of prints) {
    const found = text.indexOf(expected, at);
    if (found < 0) return `does not print ${JSON.stringify(expected)}`;
    at = found + expected.length;
  }
  return undefined;
}

async function run(line: string, { tandem }: Ground): Promise<Said> {
  if (line.startsWith("npx tandem ")) return tandem(words(line).slice(2));
  return new Promise((resolve) => {
    execFile("bash", ["-c", line], { timeout: 15_000 }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ code, text: `${out}${err}` });
    });
  });
}

/** As a shell splits a simple line: at spaces, quotes taken off. */
export const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? "");

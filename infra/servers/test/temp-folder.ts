// A folder of its own for each test, and dummy processes that end with the test.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Progress } from "../src/server.ts";

export function tempFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "servers-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Dummy {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Its first line of output. */
  readonly line: string;
  readonly ended: Promise<NodeJS.Signals | number | null>;
}

/** A bash script that runs once it has printed a line. */
export async function dummy(t: TestContext, script: string): Promise<Dummy> {
  const child = spawn("bash", ["-c", script], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) => {
    child.on("exit", (code, signal) => resolve(signal ?? code));
  });
  const line = await new Promise<string>((resolve) => {
    child.stdout.setEncoding("utf8").once("data", (text: string) => resolve(text.trim()));
  });
  if (child.pid === undefined) throw new Error("bash did not start");
  return { pid: child.pid, child, line, ended };
}

export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const limit = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > limit) throw new Error(`waited 10 s until ${what}`);
    await pause(5);
  }
}

export function quiet(signal: AbortSignal = new AbortController().signal): Progress & {
  readonly said: string[];
} {
  const said: string[] = [];
  return { said, signal, say: (line) => void said.push(line) };
}

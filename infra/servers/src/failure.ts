// What the person who typed the command reads: one line that names what is wrong and what to do, and
// where a log tells more, its last lines. Anything else that is thrown is a bug and keeps its stack.
import { readFileSync } from "node:fs";

export class ServersFailure extends Error {
  override readonly name = "ServersFailure";
}

/** The last lines of a text, indented; empty for an empty text. */
export function lastLines(text: string, count = 20): string {
  const lines = text
    .trimEnd()
    .split("\n")
    .filter((line) => line !== "");
  return lines
    .slice(-count)
    .map((line) => `\n    ${line}`)
    .join("");
}

export function lastLinesOf(file: string): string {
  try {
    return lastLines(readFileSync(file, "utf8"));
  } catch {
    return "\n    (nothing)";
  }
}

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

// Where a drill stopped: the last seed it finished, in a file.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** 0 where it never ran. */
export function reached(state: string): number {
  try {
    return Number((JSON.parse(readFileSync(state, "utf8")) as { seed?: number }).seed ?? 0);
  } catch {
    return 0;
  }
}

export function remember(state: string, seed: number): void {
  mkdirSync(dirname(state), { recursive: true });
  writeFileSync(state, `${JSON.stringify({ seed })}\n`);
}

// bench/results.json: the figures of the goals as they were measured last.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Measured } from "./goals.ts";
import { joined } from "./measured.ts";

const RESULTS = fileURLToPath(new URL("../../../bench/results.json", import.meta.url));

export async function readResults(): Promise<readonly Measured[]> {
  const text = await readFile(RESULTS, "utf8").catch(() => "[]");
  return JSON.parse(text) as readonly Measured[];
}

/** Those of measures that were not taken stay. */
export async function writeResults(now: readonly Measured[]): Promise<void> {
  await mkdir(dirname(RESULTS), { recursive: true });
  const all = joined(await readResults(), now).map((m) => ({ ...m, runs: m.runs.map(rounded) }));
  const lines = all.map((m) =>
    JSON.stringify({
      ...m,
      ours: rounded(m.ours),
      peer: m.peer && rounded(m.peer),
      ratio: rounded(m.ratio),
    }),
  );
  await writeFile(RESULTS, `[\n  ${lines.join(",\n  ")}\n]\n`);
}

const rounded = (x: number): number => Number(x.toPrecision(4));

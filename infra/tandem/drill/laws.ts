// Drill: the law gate over every built-in reducer, the ready metrics among them, with seeds of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Drill, DrillOptions } from "./drill.ts";
import { reached, remember } from "./place.ts";

/** A round of more seeds spends less on starting, and loses more where it is stopped. */
const ROUND_SEEDS = 500;
/** `--seeds` counts whole searches elsewhere; here a thousand are what the catalogue is promised for. */
const MOST_SEEDS = 1000;
const TEST = fileURLToPath(
  new URL("../../../shared-logic/test/catalogue/law-gate.test.ts", import.meta.url),
);

export const laws: Drill = {
  name: "laws",
  about: `the law gate over every built-in reducer, ${MOST_SEEDS} seeds: a case of each law from each seed`,
  run,
};

async function run({ from, seeds, state, say }: DrillOptions): Promise<boolean> {
  const first = from ?? reached(state) + 1;
  const last = first + Math.min(seeds, MOST_SEEDS) - 1;
  let failures = 0;
  for (let seed = first; seed <= last; seed += ROUND_SEEDS) {
    const count = Math.min(ROUND_SEEDS, last - seed + 1);
    const { code, output } = await gate(seed, count);
    if (code !== 0) {
      failures++;
      say(`LAW_SEED=${seed} LAW_SEEDS=${count} node ${TEST} FAILED:\n${output}`);
    }
    if (from === undefined) remember(state, seed + count - 1);
    say(`seeds ${seed} to ${seed + count - 1}: ${/^gate: (.*)$/m.exec(output)?.[1] ?? "no count"}`);
    say(`seeds ${first} to ${seed + count - 1}: ${failures} rounds failed`);
  }
  return failures === 0;
}

async function gate(seed: number, seeds: number): Promise<{ code: number | null; output: string }> {
  const env = { ...process.env, LAW_SEED: `${seed}`, LAW_SEEDS: `${seeds}` };
  const child = spawn(process.execPath, [TEST], { env });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (bytes) => {
      output = `${output}${String(bytes)}`.slice(-10_000);
    });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, output };
}

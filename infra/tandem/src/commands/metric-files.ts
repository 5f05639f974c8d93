// `tandem metrics new` and `tandem metrics check`: a metric's file from nothing, and whether it may be trusted. Both
// need no data directory.
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { loadMetricFile } from "@tandem/adapters/stack";
import { type Metric, TandemError } from "@tandem/shared-logic";
import { type BrokenLaw, exampleProblem, GATE, judgeMetric } from "@tandem/shared-logic/testing";
import { forbidAmbient } from "../metrics/forbid-ambient.ts";
import { METRIC_NAME, startingFile } from "../metrics/starting-file.ts";
import type { Io } from "./io.ts";

/** False where the name is none, or its file is there already. */
export async function newMetricCommand(name: string, folder: string, io: Io): Promise<boolean> {
  if (!METRIC_NAME.test(name)) {
    io.err(
      `tandem: ${name} is no name of a metric: a small letter, then small letters, digits and _\n`,
    );
    return false;
  }
  const file = join(folder, `${name.replaceAll("_", "-")}.ts`);
  const path = resolve(io.cwd, file);
  try {
    await mkdir(resolve(io.cwd, folder), { recursive: true });
    await writeFile(path, startingFile(name), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      const why = error instanceof Error ? error.message : String(error);
      throw new TandemError("configuration", { message: `${file} cannot be written: ${why}` });
    }
    io.err(`tandem: ${file} is there already\n`);
    return false;
  }
  io.out(`${file}\n`);
  return true;
}

/** False where a metric of the file breaks a law, or an example of it does not hold. */
export async function checkMetricCommand(file: string, io: Io): Promise<boolean> {
  let good = true;
  for (const m of await loadMetricFile(resolve(io.cwd, file))) {
    const problems = m.examples.flatMap((e) => exampleProblem(m, e) ?? []);
    const { laws, broken } = judgeMetric(m, { ...GATE, guard: forbidAmbient });
    for (const problem of problems) io.out(`${m.name}: the example ${problem}\n`);
    for (const one of broken) io.out(describeBroken(m, one));
    if (problems.length + broken.length > 0) good = false;
    const examples = `${m.examples.length - problems.length} of ${m.examples.length} examples hold`;
    io.out(`${m.name}@${m.version}: ${laws - broken.length} of ${laws} laws hold, ${examples}\n`);
  }
  return good;
}

const MOST_SHOWN = 10;

function describeBroken({ name }: Metric, { law, problem, events }: BrokenLaw): string {
  const more = events.length - MOST_SHOWN;
  const lines = events.slice(0, MOST_SHOWN).map((event) => `    ${JSON.stringify(event)}\n`);
  const heading = lines.length === 0 ? "" : "  broken on states of:\n";
  return `${name}: ${law}\n  ${problem}\n${heading}${lines.join("")}${more > 0 ? `    … and ${more} more\n` : ""}`;
}

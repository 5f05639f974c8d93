// `make bench`: each row in a process of its own, one after the other, then a table of goals and figures.
// ROW=name runs one. Exits 1 only where a result is wrong. How to read it: docs/benchmarks.md.
import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism, cpus } from "node:os";
import { type Figure, type Row, tableOf } from "./figure.ts";

const ROWS: Readonly<Record<string, () => Promise<Row>>> = {
  speed: async () => (await import("./speed.ts")).speed,
  batch: async () => (await import("./batch.ts")).batch,
  heal: async () => (await import("./heal.ts")).heal,
  collector: async () => (await import("./collector.ts")).collector,
  memory: async () => (await import("./memory.ts")).memory,
  live: async () => (await import("./live.ts")).live,
  latency: async () => (await import("./latency.ts")).latency,
};

async function inProcess(name: string): Promise<readonly Figure[]> {
  const child = fork(import.meta.filename, [name], { execArgv: ["--expose-gc", "--no-warnings"] });
  let figures: readonly Figure[] | undefined;
  child.on("message", (message) => {
    figures = message as readonly Figure[];
  });
  const [code] = (await once(child, "exit")) as [number | null];
  const dead = { row: name, what: "", goal: "", figure: "", wrong: `ended with ${code}` };
  return figures ?? [dead];
}

const named = process.argv[2];
if (named !== undefined) {
  const row = await ROWS[named]?.();
  const figures = await row?.((line) => process.stdout.write(`  ${line}\n`));
  if (process.send) process.send(figures, () => process.exit(0));
  else process.stdout.write(`${tableOf(figures ?? [])}\n`);
} else {
  const names = process.env["ROW"] ? process.env["ROW"].split(",") : Object.keys(ROWS);
  const unknown = names.filter((name) => !(name in ROWS));
  if (unknown.length > 0) {
    process.stderr.write(`no row ${unknown.join(", ")}; rows: ${Object.keys(ROWS).join(", ")}\n`);
    process.exit(2);
  }
  const model = cpus()[0]?.model ?? "unknown processor";
  process.stdout.write(`node ${process.version}, ${availableParallelism()} cores, ${model}\n`);
  const figures: Figure[] = [];
  for (const name of names) {
    process.stdout.write(`\n${name}\n`);
    figures.push(...(await inProcess(name)));
  }
  process.stdout.write(`\n${tableOf(figures)}\n`);
  if (figures.some((f) => f.wrong !== undefined)) process.exitCode = 1;
}

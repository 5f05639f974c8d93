// `make bench-real`: the figures of the real stack, each row in a process of its own on Kafka, Cassandra,
// Redis and S3 started for this run (or on those that the environment names). ROW=name runs one. Exits 1
// only where a result is wrong. How to read it: docs/benchmarks-real.md.
import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism, cpus, loadavg } from "node:os";
import { startServers } from "../../servers/src/index.ts";
import { type Figure, type Row, tableOf } from "../bench/figure.ts";

const ROWS: Readonly<Record<string, () => Promise<Row>>> = {
  kafka: async () => (await import("./kafka.ts")).kafka,
  workers: async () => (await import("./workers.ts")).workers,
  latency: async () => (await import("./latency.ts")).latency,
  query: async () => (await import("./query.ts")).query,
  layers: async () => (await import("./layers.ts")).layers,
};

/** What else the machine does: 1.0 is one core busy, over the last minute. */
const load = (): string =>
  loadavg()
    .map((n) => n.toFixed(1))
    .join(", ");

async function inProcess(name: string, env: NodeJS.ProcessEnv): Promise<readonly Figure[]> {
  const execArgv = ["--expose-gc", "--no-warnings"];
  const child = fork(import.meta.filename, [name], { execArgv, env });
  let figures: readonly Figure[] | undefined;
  child.on("message", (message) => {
    figures = message as readonly Figure[];
  });
  const [code] = (await once(child, "exit")) as [number | null];
  const dead = { row: name, what: "", goal: "", figure: "", wrong: `ended with ${code}` };
  return figures ?? [dead];
}

async function all(names: readonly string[]): Promise<void> {
  const servers = process.env["KAFKA_BOOTSTRAP"] === undefined ? await startServers() : undefined;
  const env = { ...process.env, ...servers?.env };
  try {
    const model = cpus()[0]?.model ?? "unknown processor";
    process.stdout.write(`node ${process.version}, ${availableParallelism()} cores, ${model}\n`);
    const figures: Figure[] = [];
    for (const name of names) {
      process.stdout.write(`\n${name} (load averages ${load()})\n`);
      figures.push(...(await inProcess(name, env)));
    }
    process.stdout.write(`\n${tableOf(figures)}\n\nload averages at the end: ${load()}\n`);
    if (figures.some((f) => f.wrong !== undefined)) process.exitCode = 1;
  } finally {
    await servers?.stop();
  }
}

// Installations of a benchmark are its own, whatever the environment says of another one.
for (const name of Object.keys(process.env))
  if (name.startsWith("TANDEM_") && !name.startsWith("TANDEM_SERVERS_")) delete process.env[name];
const named = process.argv[2];
if (named !== undefined) {
  const row = await ROWS[named]?.();
  const figures = await row?.((line) => process.stdout.write(`  ${line}\n`));
  process.send?.(figures, () => process.exit(0));
} else {
  const names = process.env["ROW"] ? process.env["ROW"].split(",") : Object.keys(ROWS);
  const unknown = names.filter((name) => !(name in ROWS));
  if (unknown.length > 0) {
    process.stderr.write(`no row ${unknown.join(", ")}; rows: ${Object.keys(ROWS).join(", ")}\n`);
    process.exit(2);
  }
  await all(names);
}

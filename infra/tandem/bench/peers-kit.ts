// The kit that runs the peer engines: a folder with a program `bench` (PEERS=DIR), whose verbs and results this knows.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** Wall and processor seconds. */
export type Mark = readonly [wallS: number, cpuS: number];

export interface PeerRun {
  readonly first: Mark;
  readonly done: Mark;
  /** What its answers were found to be; absent of those that only count. */
  readonly check?: { readonly ok: boolean };
  readonly error?: string;
}

const PORT = 29_392;

export class PeersKit {
  readonly brokers = `127.0.0.1:${PORT}`;
  private readonly folder: string;
  private readonly events: number;

  constructor(folder: string, events: number) {
    this.folder = folder;
    this.events = events;
  }

  get topic(): string {
    return `peers-events-${this.events}`;
  }
  /** As NDJSON. */
  get eventsFile(): string {
    return join(this.dataFolder, "events.ndjson");
  }
  /** The same events, of plain strings. */
  get parquetFile(): string {
    return join(this.dataFolder, "events.parquet");
  }
  private get dataFolder(): string {
    return join(this.folder, ".work", "data", `${this.events}-1`);
  }

  /** A broker that holds the events; what is missing is made, which takes minutes the first time. */
  async start(): Promise<void> {
    await this.bench("data");
    await this.bench("broker", "start");
    await this.bench("load");
  }
  stop(): Promise<void> {
    return this.bench("broker", "stop");
  }

  /** One run of a peer. */
  async run(peer: string): Promise<PeerRun> {
    const results = join(this.folder, ".work", "tandem-results.json");
    await rm(results, { force: true });
    await this.bench("stream", "--peers", peer, "--reps", "1", "--results", results);
    const rows = JSON.parse(await readFile(results, "utf8")) as (PeerRun & { peer: string })[];
    const run = rows.find((row) => row.peer === peer);
    if (!run) throw new Error(`the kit has no result of ${peer}`);
    return run;
  }

  /** Why groups in a file (`tenant,type,minute,events,users` lines) are wrong, by the kit's truth. */
  async wrongOf(file: string): Promise<string | undefined> {
    const truth = join(this.folder, "truth.py");
    const found = await printedBy(this.python, [truth, "stream", this.dataFolder, file]);
    return (JSON.parse(found) as { ok: boolean }).ok ? undefined : found.trim();
  }

  /** Processor seconds of the second run of a query on one thread; the answer is Parquet in `out`. */
  async batchCpuS(engine: string, queryFile: string, out: string): Promise<number> {
    const job = join(this.folder, "batch", "job.py");
    const text = await printedBy(this.python, [job, engine, "1", this.parquetFile, queryFile, out]);
    const line = text.split("\n").find((l) => l.startsWith("BENCH ")) ?? "BENCH {}";
    const { runs } = JSON.parse(line.slice(6)) as { runs?: readonly Mark[] };
    const second = runs?.[1];
    if (!second) throw new Error(`${engine} says nothing`);
    return second[1];
  }

  private get python(): string {
    return join(this.folder, ".work", "venv", "bin", "python");
  }

  private async bench(...args: readonly string[]): Promise<void> {
    await printedBy(join(this.folder, "bench"), [...args, "--events", String(this.events)]);
  }
}

/** What a program prints; rejects, with the end of it, where it fails. */
export async function printedBy(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (s: string) => {
    text += s;
  });
  child.stderr.setEncoding("utf8").on("data", (s: string) => {
    errors += s;
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${(errors || text).slice(-1500)}`);
  return text;
}

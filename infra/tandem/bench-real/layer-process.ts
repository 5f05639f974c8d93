// A layer's process as the benchmarks see it: how long it took to be ready, what it has used so far (Linux's
// /proc), and how it ended.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Clock ticks of /proc: 100 a second on every Linux that Node runs on. */
const TICK_S = 0.01;
const READY_MS = 60_000;

export const LAYERS = {
  collect: ["ingest/main.ts", "collect"],
  archive: ["ingest/main.ts", "archive"],
  speed: ["speed-layer/main.ts"],
  batch: ["batch-layer/main.ts"],
  serve: ["serving/main.ts"],
} as const;

export interface Ended {
  readonly tookMs: number;
  readonly code: number | null;
}

export class LayerProcess {
  readonly name: keyof typeof LAYERS;
  readonly readyMs: number;
  /** What the ready line says, such as an address. */
  readonly about: string;
  private readonly child: ChildProcess;

  private constructor(
    name: keyof typeof LAYERS,
    child: ChildProcess,
    readyMs: number,
    about: string,
  ) {
    this.name = name;
    this.child = child;
    this.readyMs = readyMs;
    this.about = about;
  }

  /** Ready is the line that it prints. */
  static async start(name: keyof typeof LAYERS, configFile: string): Promise<LayerProcess> {
    const began = performance.now();
    const child = spawn(process.execPath, [...LAYERS[name], "--config", configFile], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, log] = ["", ""];
    const ready = Promise.withResolvers<number>();
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      if (/ ready: .*\n/.test(out)) ready.resolve(performance.now() - began);
    });
    child.stderr.on("data", (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-4000);
    });
    child.once("exit", (code) => ready.reject(new Error(`${name} ended with ${code}: ${log}`)));
    const late = setTimeout(() => ready.reject(new Error(`${name} is not ready`)), READY_MS);
    try {
      const readyMs = await ready.promise;
      return new LayerProcess(name, child, readyMs, / ready: (.*)\n/.exec(out)?.[1] ?? "");
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  /** CPU of all its threads since it started. */
  async cpuS(): Promise<number> {
    const text = await readFile(`/proc/${this.child.pid}/stat`, "utf8");
    // The name before the last parenthesis may hold spaces; state is field 3, utime and stime 14 and 15.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_S;
  }

  async residentMb(): Promise<number> {
    const status = await readFile(`/proc/${this.child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  }

  async stop(): Promise<Ended> {
    const began = performance.now();
    if (this.child.exitCode !== null) return { tookMs: 0, code: this.child.exitCode };
    const exit = once(this.child, "exit");
    this.child.kill("SIGTERM");
    const [code] = (await exit) as [number | null];
    return { tookMs: performance.now() - began, code };
  }
}

/** Starts layers one after the other; those that started are stopped where one does not. */
export async function startLayers(
  names: readonly (keyof typeof LAYERS)[],
  configFile: string,
): Promise<LayerProcess[]> {
  const started: LayerProcess[] = [];
  try {
    for (const name of names) started.push(await LayerProcess.start(name, configFile));
    return started;
  } catch (error) {
    for (const one of started) await one.stop();
    throw error;
  }
}

// The stage of the real drill: servers of its own, an installation on them, and every layer as processes:
// two collectors, two speed workers, an archiver, a batch and a serving process. Each can be killed, frozen
// and started again by name; nothing of it is left after `close`.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfig } from "@tandem/adapters/stack";
import { type RunningServers, startServers } from "../../../servers/src/index.ts";
import { logPath, runningOf } from "../../src/processes/pid-file.ts";
import { type PlannedProcess, plannedProcesses } from "../../src/processes/planned-processes.ts";
import { startProcesses } from "../../src/processes/start-processes.ts";
import { stopProcesses } from "../../src/processes/stop-processes.ts";
import { stageSettings } from "./stage-settings.ts";

const ENDING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export const TENANT = "shop";
const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly text: string;
}

export class RealStage {
  readonly servers: RunningServers;
  readonly collectorPorts: readonly number[];
  readonly servingPorts: readonly number[];
  readonly planned: readonly PlannedProcess[];
  readonly folder: string;
  readonly file: string;
  key = "";
  private readonly processFolder: string;
  private readonly say: (line: string) => void;
  /** Those that were signalled to end. */
  private readonly away = new Set<string>();
  private readonly onExit = (): void => this.abandon();
  /** Otherwise a signal would end this process without its `exit`, and leave the others. */
  private readonly onSignal = (): void => process.exit(130);
  private pids: number[] = [];

  private constructor(servers: RunningServers, folder: string, say: (line: string) => void) {
    this.servers = servers;
    this.folder = folder;
    this.say = say;
    this.file = join(folder, "config.json");
    this.processFolder = join(folder, "data", "processes");
    const settings = stageSettings(servers.env, join(folder, "data"));
    writeFileSync(this.file, JSON.stringify(settings));
    const { config } = loadConfig({ env: {}, file: this.file });
    this.planned = plannedProcesses(config);
    this.collectorPorts = config.processes.collectorPorts;
    this.servingPorts = config.processes.servingPorts;
  }

  static async open(say: (line: string) => void): Promise<RealStage> {
    const folder = mkdtempSync(join(tmpdir(), "tandem-real-drill-"));
    const servers = await startServers({ say });
    const stage = new RealStage(servers, folder, say);
    process.once("exit", stage.onExit);
    for (const signal of ENDING) process.once(signal, stage.onSignal);
    try {
      await stage.tandem("setup");
      stage.key = (await stage.tandem("keys", "create", "--tenant", TENANT)).text.trim();
      await stage.start();
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  /** `tandem …` to its end; throws where it fails. */
  async tandem(...args: string[]): Promise<Ran> {
    const ran = await this.tryTandem(...args);
    if (ran.code !== 0) throw new Error(`tandem ${args.join(" ")}: ${ran.code}: ${ran.text}`);
    return ran;
  }

  async tryTandem(...args: string[]): Promise<Ran> {
    const child = spawn(process.execPath, [MAIN, ...args, "--config", this.file]);
    let [out, err] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, text: code === 0 ? out : `${out}${err}` };
  }

  /** Starts what does not run, all or those named, and waits until they are ready. */
  async start(...names: string[]): Promise<void> {
    const wanted = this.planned.filter((p) => names.length === 0 || names.includes(p.name));
    await startProcesses(wanted, {
      folder: this.processFolder,
      configFile: this.file,
      env: { ...process.env, TANDEM_DATA_DIR: join(this.folder, "data") },
      readyMs: 90_000,
      say: () => undefined,
    });
    for (const { name } of wanted) this.away.delete(name);
    const running = await Promise.all(
      this.planned.map(({ name }) => runningOf(this.processFolder, name)),
    );
    this.pids = running.flatMap((one) => (one ? [one.pid] : []));
  }

  /** SIGKILL and SIGTERM mean that it is away until it is started. */
  async signal(name: string, signal: NodeJS.Signals): Promise<void> {
    const running = await runningOf(this.processFolder, name);
    if (!running) throw new Error(`${name} does not run`);
    if (signal === "SIGKILL" || signal === "SIGTERM") this.away.add(name);
    process.kill(running.pid, signal);
  }

  async isUp(name: string): Promise<boolean> {
    return (await runningOf(this.processFolder, name)) !== undefined;
  }

  /** Processes that ended though nobody asked them to. */
  async fallen(): Promise<string[]> {
    const up = await Promise.all(this.planned.map(({ name }) => this.isUp(name)));
    return this.planned.flatMap(({ name }, i) => (up[i] || this.away.has(name) ? [] : [name]));
  }

  logOf(name: string): string {
    return logPath(this.processFolder, name);
  }

  /** With `keep`, logs and settings stay where they are. */
  async close(keep = false): Promise<void> {
    await stopProcesses({ folder: this.processFolder, say: () => undefined });
    await this.servers.stop();
    process.off("exit", this.onExit);
    for (const signal of ENDING) process.off(signal, this.onSignal);
    if (keep) this.say(`kept: ${this.folder}`);
    else rmSync(this.folder, { recursive: true, force: true });
  }

  private abandon(): void {
    for (const pid of this.pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended.
      }
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

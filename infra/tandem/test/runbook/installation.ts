// A small installation on the embedded stack in a folder of its own: the command on it, an owner process in this
// one, and its processes, which are stopped at the end.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { DirectoryLock, systemClock } from "@tandem/adapters/embedded";
import { prometheusTelemetry } from "@tandem/adapters/prometheus";
import { loadConfig } from "@tandem/adapters/stack";
import { openOrAsk, ownedBy } from "../../src/commands/access.ts";
import { runProgram } from "../../src/commands/program.ts";
import { opsServer } from "../../src/ops/ops-server.ts";
import { removeOwner, writeOwner } from "../../src/ops/owner-file.ts";
import { type Part, startTandem } from "../../src/start-tandem.ts";
import { Tandem } from "../../src/tandem.ts";

export interface Said {
  readonly code: number;
  readonly text: string;
}

export const DAY = "2026-03-02";
export const NEXT = "2026-03-03";
const BASE = { version: "0", description: "", mayRun: true };

export const eventLine = (id: number, day = DAY): string =>
  JSON.stringify({
    event_id: `e${id}`,
    event_type: "purchase",
    timestamp: `${day}T10:${String(id % 60).padStart(2, "0")}:00Z`,
    user_id: `u${id % 7}`,
    properties: { price: 1 },
  });
export const events = (from: number, count: number, day = DAY): string =>
  Array.from({ length: count }, (_, i) => eventLine(from + i, day)).join("\n");

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address ? address.port : 0;
}

export class Installation {
  readonly folder = mkdtempSync(join(tmpdir(), "tandem-runbook-"));
  readonly dataDir = join(this.folder, "data");
  readonly configFile = join(this.folder, "config.json");
  private readonly closing: (() => Promise<unknown>)[] = [];

  /** `processes`: of each kind how many; collectors and serving none. */
  async configure(processes: object = {}): Promise<{ operations: string }> {
    const port = await freePort();
    const settings = {
      dataDir: this.dataDir,
      dataset: { partitions: 1 },
      batch: { threads: 0 },
      speed: { checkpointMs: 200 },
      archive: { records: 20 },
      processes: {
        ...{ collectorPorts: [], servingPorts: [], speed: 0, archive: 0, batch: 0 },
        operationsPort: port,
        ...processes,
      },
    };
    writeFileSync(this.configFile, JSON.stringify(settings));
    mkdirSync(this.dataDir, { recursive: true });
    return { operations: `127.0.0.1:${port}` };
  }

  get config() {
    return loadConfig({ env: {}, file: this.configFile }).config;
  }

  async tandem(argv: readonly string[], input = ""): Promise<Said> {
    let text = "";
    const say = (t: string): void => {
      text += t;
    };
    const io = { out: say, err: say, stdin: Readable.from([input]), cwd: this.folder };
    const code = await runProgram([...argv, "--config", this.configFile], {
      ...{ ...BASE, io, access: openOrAsk },
    });
    return { code, text };
  }

  /** As `tandem load` does it; throws where it fails. */
  async load(lines: string): Promise<void> {
    const { code, text } = await this.tandem(["load", "-"], lines);
    if (code !== 0) throw new Error(text);
  }

  /** Everything opened in this process, for what no command does. */
  async inside<T>(work: (tandem: Tandem) => Promise<T>): Promise<T> {
    const lock = await DirectoryLock.take(this.dataDir);
    const { config, dataDir } = this;
    const tandem = await Tandem.open({ config, dataDir, clock: systemClock() });
    try {
      return await work(tandem);
    } finally {
      await tandem.close();
      await lock.release();
    }
  }

  /** Owns the directory as `tandem run` does, with some of its parts. */
  async owner(parts: readonly Part[]) {
    const { config, dataDir } = this;
    const lock = await DirectoryLock.take(dataDir);
    const telemetry = prometheusTelemetry({ processFigures: false });
    const running = await startTandem({
      ...{ config, dataDir, telemetry, parts, metricFolders: [], clock: systemClock() },
      ...{ host: "127.0.0.1", port: 0, onError: () => undefined },
    });
    const token = "token";
    const ops = await opsServer({
      ...{ token, host: "127.0.0.1", port: 0, metrics: telemetry },
      run: (argv, io) =>
        runProgram(argv, { ...BASE, mayRun: false, io, access: ownedBy(running.tandem) }),
      unready: async () => undefined,
    });
    await writeOwner(dataDir, { pid: process.pid, port: ops.port, token });
    this.closing.push(async () => {
      await removeOwner(dataDir);
      await ops.close();
      await running.stop();
      await lock.release();
    });
    return { operations: `127.0.0.1:${ops.port}`, url: running.url ?? "", running, telemetry };
  }

  atEnd(work: () => Promise<unknown>): void {
    this.closing.push(work);
  }

  async close(): Promise<void> {
    for (const one of this.closing.splice(0).reverse()) await one();
    await this.tandem(["processes", "stop"]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// What is typed about an installation of several processes: its settings, what it needs on its servers, and
// the processes themselves.
import { resolve } from "node:path";
import { systemClock } from "@tandem/adapters/embedded";
import {
  configurationPage,
  dataFolders,
  isAttached,
  loadMetrics,
  openStack,
  requirePartitions,
  setUpStack,
  showConfig,
} from "@tandem/adapters/stack";
import { createDataset } from "@tandem/batch-layer";
import { TandemError } from "@tandem/shared-logic";
import type { Command } from "commander";
import { listProcesses, showLogs } from "../processes/list-processes.ts";
import { plannedProcesses } from "../processes/planned-processes.ts";
import { startProcesses } from "../processes/start-processes.ts";
import { stopProcesses } from "../processes/stop-processes.ts";
import type { Io } from "./io.ts";
import type { CommonOptions } from "./settings.ts";

export interface Typing {
  readonly program: Command;
  readonly io: Io;
  /** A command with the options that all have. */
  readonly command: (parent: Command, name: string, what: string) => Command;
  readonly exit: (code: number) => void;
}

export function addProcessCommands({ program, io, command, exit }: Typing): void {
  command(
    program,
    "setup",
    "make topics, keyspace, bucket and dataset on real servers; repeatable",
  ).action((o: CommonOptions) => setUp(o, io));
  const config = program.command("config").description("settings");
  command(
    config,
    "show",
    "every setting, its value (secrets as ***) and where it came from",
  ).action((o: CommonOptions) => io.out(showConfig(o.settings)));
  command(config, "page", "docs/configuration.md as it must be").action(() =>
    io.out(configurationPage()),
  );
  const processes = program
    .command("processes")
    .description("every layer as processes of its own, as `processes` in the settings says");
  const say = (line: string): void => io.out(`${line}\n`);
  const parts = ({ settings }: CommonOptions) => ({
    planned: plannedProcesses(settings.config),
    folder: dataFolders(resolve(settings.config.dataDir)).processes,
    configFile: settings.file === undefined ? undefined : resolve(settings.file),
  });
  command(processes, "start", "start what does not run, wait until all are ready").action(
    async (o: CommonOptions) => {
      const { planned, folder, configFile } = parts(o);
      const env = { ...process.env, TANDEM_DATA_DIR: resolve(o.settings.config.dataDir) };
      await startProcesses(planned, { folder, configFile, env, say });
    },
  );
  command(processes, "stop", "stop what was started here").action(async (o: CommonOptions) => {
    if (!(await stopProcesses({ folder: parts(o).folder, say }))) exit(1);
  });
  command(processes, "list", "what runs and whether it is ready").action(
    async (o: CommonOptions) => {
      const { planned, folder } = parts(o);
      if (!(await listProcesses(planned, folder, say))) exit(3);
    },
  );
  command(processes, "logs", "the last lines of each log")
    .option("--lines <n>", "how many", Number, 20)
    .action((o: CommonOptions & { lines: number }) => {
      const { planned, folder } = parts(o);
      return showLogs(planned, folder, o.lines, say);
    });
}

/** Idempotent: what is there already stays as it is, or is refused where it does not fit. */
async function setUp({ settings }: CommonOptions, io: Io): Promise<void> {
  const { config } = settings;
  if (!isAttached(config)) {
    throw new TandemError("configuration", {
      message:
        "stack (TANDEM_STACK) is embedded: there is nothing to set up, a data directory is made when it is first used",
    });
  }
  const clock = systemClock();
  const metrics = await loadMetrics(config.metricFolders);
  for (const line of await setUpStack(config, { clock })) io.out(`${line}\n`);
  const { name, partitions } = config.dataset;
  const stack = await openStack(config, { clock }, ["views", "log"]);
  try {
    const first = metrics.filter((m) => m.dataset === name).map((m) => m.fingerprint);
    const { genesis } = await createDataset(stack, name, partitions, first);
    requirePartitions(name, "the ledger", genesis.length, partitions);
    io.out(`dataset ${name}, ${genesis.length} partitions\n`);
  } finally {
    await stack.close();
  }
}

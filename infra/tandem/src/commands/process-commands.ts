// What is typed about an installation of several processes: its settings, what it needs on its servers, and
// the processes themselves.
import { systemClock } from "@tandem/adapters/embedded";
import {
  configurationPage,
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
import type { Io } from "./io.ts";
import type { CommonOptions } from "./settings.ts";

export interface Typing {
  readonly program: Command;
  readonly io: Io;
  /** A command with the options that all have. */
  readonly command: (parent: Command, name: string, what: string) => Command;
  readonly exit: (code: number) => void;
}

export function addProcessCommands({ program, io, command }: Typing): void {
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

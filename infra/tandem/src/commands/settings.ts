// A command's configuration: what was typed over environment, file and defaults. What follows from it is
// put back among the command's options, so that actions need not know where a value came from.
import { type LoadedConfig, loadConfig } from "@tandem/adapters/stack";
import { type Command, Option } from "commander";

export interface CommonOptions {
  /** The data directory. */
  readonly data: string;
  readonly tenant: string;
  readonly metrics: readonly string[];
  readonly settings: LoadedConfig;
}

const list = (value: string, before: string[] = []): string[] => [...before, value];

/** The options that every command has. */
export function commonOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--data <dir>", "data directory (default: ./.tandem, or TANDEM_DATA_DIR)"),
    )
    .addOption(new Option("--tenant <name>", "tenant (default: default, or TANDEM_TENANT)"))
    .option("--metrics <dir>", "a further folder of metric files (repeatable)", list)
    .option("--config <file>", "settings as JSON (docs/configuration.md)");
}

/** Settles the common options of the command that is about to run. Throws `configuration`. */
export function settle(command: Command, env: NodeJS.ProcessEnv): void {
  const typed = command.opts<{
    data?: string;
    tenant?: string;
    metrics?: string[];
    config?: string;
  }>();
  const settings = loadConfig({
    env,
    file: typed.config,
    given: { dataDir: typed.data, tenant: typed.tenant, metricFolders: typed.metrics },
  });
  const { dataDir, tenant, metricFolders } = settings.config;
  const settled: CommonOptions = { data: dataDir, tenant, metrics: metricFolders, settings };
  for (const [name, value] of Object.entries(settled)) command.setOptionValue(name, value);
}

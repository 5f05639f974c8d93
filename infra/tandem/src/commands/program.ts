// The `tandem` command: what can be typed, and nothing of how it is done.

import { parseDay, TandemError, type UtcDay } from "@tandem/shared-logic";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { LAYERS } from "../start-tandem.ts";
import { type Access, ownedBy } from "./access.ts";
import { runBatchCommand } from "./batch.ts";
import { addDeadLetterCommands } from "./dead-letter-commands.ts";
import { addDiffCommand } from "./diff-command.ts";
import { type ExplainOptions, explainCommand } from "./explain.ts";
import { addFsckCommand } from "./fsck-command.ts";
import { addHealCommands } from "./heal-commands.ts";
import type { Io } from "./io.ts";
import { createKeyCommand, listKeysCommand, revokeKeyCommand } from "./keys.ts";
import { loadCommand } from "./load.ts";
import { addMetricsCommands } from "./metrics-commands.ts";
import { addProcessCommands } from "./process-commands.ts";
import { addQueryCommand } from "./query-command.ts";
import { addReconcileCommand } from "./reconcile-command.ts";
import { addReplayCommands } from "./replay-commands.ts";
import { addRetentionCommands } from "./retention-commands.ts";
import { type RunOptions, type RunOwned, runLayers } from "./run.ts";
import { type CommonOptions, commonOptions, settle } from "./settings.ts";
import { statusCommand } from "./status.ts";

const day = (text: string): UtcDay => {
  const parsed = parseDay(text);
  if (parsed === undefined) throw new InvalidArgumentError("expected a day such as 2019-10-01");
  return parsed;
};
const list = (value: string, before: string[] = []): string[] => [...before, value];
const port = (text: string): number => {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 0 || n > 65_535)
    throw new InvalidArgumentError("expected a port, 0 to 65535");
  return n;
};

export interface ProgramOptions {
  readonly io: Io;
  readonly access: Access;
  readonly version: string;
  readonly description: string;
  /** False inside an owner process: it cannot become a second one. */
  readonly mayRun: boolean;
}

/** Runs one command line (without node and script); resolves to its exit code. */
export async function runProgram(
  argv: readonly string[],
  options: ProgramOptions,
): Promise<number> {
  let exit = 0;
  const program = build(argv, options, (code) => {
    exit = code;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof TandemError) {
      options.io.err(`tandem: ${error.message} (${error.code})\n`);
      return 1;
    }
    throw error;
  }
}

function build(
  argv: readonly string[],
  { io, access, version, description, mayRun }: ProgramOptions,
  exit: (code: number) => void,
): Command {
  const program = new Command("tandem")
    .description(description)
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    .hook("preAction", (_, command) => settle(command, process.env));
  program.configureOutput({ writeOut: (t) => io.out(t), writeErr: (t) => io.err(t) });
  program.showHelpAfterError("(add --help for what can be typed)");
  const command = (parent: Command, name: string, what: string): Command =>
    commonOptions(parent.command(name).description(what));
  const on = async (
    common: CommonOptions,
    usesStdin: boolean,
    work: Parameters<Access>[4],
  ): Promise<void> => {
    const code = await access(common, argv, io, usesStdin, work);
    // What the work itself said stands, unless the way to it failed.
    if (code !== 0) exit(code);
  };

  command(
    program,
    "load <files...>",
    "load NDJSON files (plain, .gz, or - for standard input) as an import",
  ).action((files: string[], o: CommonOptions) =>
    on(o, files.includes("-"), async (tandem) => {
      if ((await loadCommand(tandem, files, o.tenant, io)) > 0) exit(1);
    }),
  );

  const batch = command(program, "batch", "exact views from the archive: the schedule, or one run");
  command(batch, "run", "seal the days that need it")
    .option("--from <day>", "first day", day)
    .option("--until <day>", "day to stop before", day)
    .option("--include-open", "also days that have not ended")
    .action((o: CommonOptions & { from?: UtcDay; until?: UtcDay; includeOpen?: boolean }) =>
      on(o, false, async (tandem) => {
        const code = await runBatchCommand(tandem, o, io);
        if (code !== 0) exit(code);
      }),
    );

  addReconcileCommand({ program, argv, io, access, command, day, exit });
  addFsckCommand({ program, argv, io, access, command, exit });
  addRetentionCommands({ program, argv, io, access, command, exit });
  addHealCommands({ program, argv, io, access, command, day, exit });
  addReplayCommands({ program, argv, io, access, command, day, exit });
  addDiffCommand({ program, argv, io, access, command, day, exit });
  command(program, "explain <metric> <window>", "what made a number, and what changed it last")
    .addOption(
      new Option("--format <format>", "how to print").choices(["table", "json"]).default("table"),
    )
    .action((metric: string, window: string, o: CommonOptions & ExplainOptions) =>
      on(o, false, async (tandem) => {
        if (!(await explainCommand(tandem, metric, window, o, io))) exit(2);
      }),
    );

  addQueryCommand({ program, argv, io, access, command, exit });
  addMetricsCommands({ program, argv, io, access, command, exit });
  command(program, "status", "what each layer has done, and what is not accounted for").action(
    (o: CommonOptions) =>
      on(o, false, async (tandem) => {
        if (!(await statusCommand(tandem, io))) exit(1);
      }),
  );
  addDeadLetterCommands({ program, argv, io, access, command, exit });

  const keys = program.command("keys").description("API keys");
  command(keys, "create", "make a key for --tenant and print it once")
    .option(
      "--scope <scope>",
      "write, read or admin (repeatable; default: write and read)",
      list,
      [],
    )
    .action((o: CommonOptions & { scope: string[] }) =>
      on(o, false, (t) => createKeyCommand(t, o, io)),
    );
  command(keys, "list", "list keys (never the secrets)").action((o: CommonOptions) =>
    on(o, false, (t) => listKeysCommand(t, io)),
  );
  command(keys, "revoke <id>", "revoke a key").action((id: string, o: CommonOptions) =>
    on(o, false, (t) => revokeKeyCommand(t, id, io)),
  );

  const runOwned: RunOwned = (line, ownIo, tandem) =>
    runProgram(line, { io: ownIo, access: ownedBy(tandem), version, description, mayRun: false });
  if (mayRun) {
    addProcessCommands({ program, io, command, exit });
    for (const [name, layer] of Object.entries(LAYERS)) {
      (name === "batch" ? batch : command(program, name, layer.what))
        .option("--host <host>", "address to listen on (default: 127.0.0.1)")
        .option("--port <port>", "port of the HTTP API; 0 picks a free one (default: 8080)", port)
        .option("--ops-port <port>", "port of the operations endpoint (default: a free one)", port)
        .action(async (o: CommonOptions & RunOptions) =>
          exit(await runLayers(o, layer.parts, io, runOwned)),
        );
    }
  }
  return program;
}

// What can be typed, and its help text.
import { ServersFailure } from "./failure.ts";
import { kindNames } from "./known-servers.ts";
import { PREFIX, settingsTable } from "./settings.ts";

const commands = {
  up: "fetch what is missing, start what is down, wait until all answer",
  down: "stop what `up` started here",
  status: "what runs, on which port, whether it answers (exit code 3 if not all do)",
  logs: "the last lines of each log; --follow goes on with what comes",
  env: 'the variables that clients read, for: eval "$(… env)"; --tandem: as Tandem\'s own settings',
  install: "only fetch what is missing",
  run: "run a command with servers of its own, on free ports in a temporary folder: run -- COMMAND…",
  kill: "SIGKILL, for drills",
  freeze: "SIGSTOP, for drills",
  thaw: "SIGCONT, for drills",
} as const;
export type CommandName = keyof typeof commands;

export interface CommandLine {
  readonly command: CommandName | "help";
  /** Names of servers; of `run`, the command and its arguments. */
  readonly args: readonly string[];
  /** `--follow` of logs, `--tandem` of env. */
  readonly option: boolean;
}

export class UsageFailure extends ServersFailure {}

export function parseCommandLine(argv: readonly string[]): CommandLine {
  const [command, ...rest] = argv;
  const asksHelp = (arg: string): boolean => arg === "--help" || arg === "-h";
  const untilDashes = rest.slice(0, rest.includes("--") ? rest.indexOf("--") : undefined);
  if (command === undefined || asksHelp(command) || untilDashes.some(asksHelp)) {
    return { command: "help", args: [], option: false };
  }
  if (!isCommand(command)) {
    const known = Object.keys(commands).join(", ");
    throw new UsageFailure(`there is no command ${command}: take one of ${known}, or --help`);
  }
  if (command === "run") {
    return { command, args: rest[0] === "--" ? rest.slice(1) : rest, option: false };
  }
  const own = { logs: "--follow", env: "--tandem" }[command as string];
  const args = rest.filter((arg) => arg !== own);
  const unknown = args.find((arg) => arg.startsWith("-"));
  if (unknown !== undefined) {
    throw new UsageFailure(`${command} has no option ${unknown}: see --help`);
  }
  if (args.length === 0 && (command === "kill" || command === "freeze" || command === "thaw")) {
    throw new UsageFailure(`${command} needs the name of a server: ${kindNames.join(", ")}`);
  }
  return { command, args, option: args.length < rest.length };
}

const isCommand = (text: string): text is CommandName => Object.hasOwn(commands, text);

export function helpText(): string {
  const rows = (table: readonly (readonly [string, string])[], width: number): string =>
    table.map(([name, text]) => `  ${name.padEnd(width)} ${text}\n`).join("");
  const settings = settingsTable.map(([name, value, text]): [string, string] => [
    `${PREFIX}${name}`,
    `${text}${text === "" ? "" : "; "}default ${value}`,
  ]);
  return `Real Kafka, Cassandra, Redis and S3 on 127.0.0.1, without containers.

Usage: node infra/servers/src/main.ts COMMAND [NAME…]

NAME is one of ${kindNames.join(", ")}, or a single broker such as kafka-2; without one, all are meant.

Commands:
${rows(Object.entries(commands), 8)}
Settings (environment):
${rows(settings, 37)}
A data folder remembers its ports, brokers and keys. A port of 0 takes any free one.
`;
}

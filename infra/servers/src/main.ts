// The command `node infra/servers/src/main.ts`: 0 done, 1 failed, 2 wrong usage, 3 not all ready, and the
// command's own code after `run`.
import { parseCommandLine, UsageFailure } from "./command-line.ts";
import { runCommandLine } from "./commands.ts";
import { ServersFailure } from "./failure.ts";
import { exitCodeOf } from "./isolated-run.ts";
import { sayToStderr } from "./start-servers.ts";

// Whoever reads our output may go away first (a closed terminal, `| head`); servers are stopped all the same.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

async function main(): Promise<number> {
  const stop = new AbortController();
  let asked: NodeJS.Signals | undefined;
  try {
    const line = parseCommandLine(process.argv.slice(2));
    if (line.command !== "run" && line.command !== "logs") {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
        process.on(signal, () => {
          asked ??= signal;
          stop.abort();
        });
      }
    }
    return await runCommandLine(line, { say: sayToStderr, signal: stop.signal });
  } catch (error) {
    if (asked !== undefined && error === stop.signal.reason) return exitCodeOf(asked);
    if (!(error instanceof ServersFailure)) throw error;
    sayToStderr(error.message);
    return error instanceof UsageFailure ? 2 : 1;
  }
}

// A server just started, or a socket a frozen one keeps open, must not hold the command back.
process.exit(await main());

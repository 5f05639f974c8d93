// Runs a command against servers of its own: started before, told to it by environment variables, stopped
// after it, whatever ended it: success, failure, Ctrl-C, or somebody's SIGTERM.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { ServersFailure } from "./failure.ts";
import { type StartOptions, startServers } from "./start-servers.ts";

const STOPPING = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** After a request to stop, a command may take this long before it is killed. */
const PATIENCE_MS = 20_000;

export const exitCodeOf = (signal: NodeJS.Signals): number => 128 + constants.signals[signal];

/** The command's exit code, 128 + N for signal N. */
export async function runWithServers(
  argv: readonly string[],
  options: Omit<StartOptions, "signal">,
): Promise<number> {
  const [command, ...args] = argv;
  if (command === undefined) {
    throw new ServersFailure("run needs a command: run -- node --test FILE");
  }
  const stop = new AbortController();
  let asked: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    asked ??= signal;
    stop.abort();
  };
  for (const signal of STOPPING) process.on(signal, onSignal);
  try {
    const servers = await startServers({ ...options, signal: stop.signal });
    try {
      if (asked !== undefined) return exitCodeOf(asked);
      const code = await runCommand(command, args, { ...process.env, ...servers.env }, stop.signal);
      return asked === undefined ? code : exitCodeOf(asked);
    } finally {
      await servers.stop();
    }
  } catch (error) {
    if (asked !== undefined && stop.signal.reason === error) return exitCodeOf(asked);
    throw error;
  } finally {
    for (const signal of STOPPING) process.off(signal, onSignal);
  }
}

function runCommand(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stop: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env });
    let timer: NodeJS.Timeout | undefined;
    const end = (): void => {
      // At a terminal it was told already, but then a second SIGTERM does no harm.
      child.kill("SIGTERM");
      timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    };
    stop.addEventListener("abort", end);
    const settled = (): void => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
    };
    child.on("error", (error) => {
      settled();
      reject(new ServersFailure(`${command} cannot be run: ${error.message}`));
    });
    child.on("exit", (code, signal) => {
      settled();
      resolve(signal === null ? (code ?? 1) : exitCodeOf(signal));
    });
  });
}

// Runs a tool that fetches or prepares something (mvn, go, apt-get, java) and waits for it. A tool that is
// missing says what to install; one that fails shows its last lines; an abort or a hang ends it and its
// children.
import { spawn } from "node:child_process";
import { lastLines, ServersFailure } from "../failure.ts";

export interface Tool {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What to do where the command is missing. */
  readonly ifMissing: string;
  readonly signal: AbortSignal;
  /** Default 15 minutes: a compiler on a slow machine, but not for ever. */
  readonly timeoutMs?: number;
}

const KEPT_CHARACTERS = 20_000;

/** Its output, stdout and stderr as they came. */
export function runTool(tool: Tool): Promise<string> {
  const { command, args, signal, timeoutMs = 900_000 } = tool;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // A process group of its own, so that its children end with it.
    const child = spawn(command, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...tool.env },
      detached: true,
    });
    const end = (): void => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    };
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, timeoutMs);
    signal.addEventListener("abort", end);
    let output = "";
    const collect = (chunk: string): void => {
      output = (output + chunk).slice(-KEPT_CHARACTERS);
    };
    child.stdout.setEncoding("utf8").on("data", collect);
    child.stderr.setEncoding("utf8").on("data", collect);
    const settle = (settled: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      settled();
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "ENOENT" ? "is not on PATH" : `cannot be run (${error.message})`;
      settle(() => reject(new ServersFailure(`${command} ${why}: ${tool.ifMissing}`)));
    });
    child.on("close", (code, killedBy) => {
      settle(() => {
        if (code === 0) resolve(output);
        else if (signal.aborted) reject(signal.reason);
        else {
          const how = timedOut
            ? `took over ${timeoutMs / 1000} s`
            : `ended with ${killedBy ?? code}`;
          const line = `${command} ${args.join(" ")} ${how}; its last lines:`;
          reject(new ServersFailure(line + lastLines(output)));
        }
      });
    });
  });
}

// One server from nothing to answering: its port must be free, then its process, its pid file, and real
// requests until one is answered. If it ends or stays silent, it is stopped and its last log lines are shown.
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, renameSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { lastLinesOf, messageOf, ServersFailure } from "./failure.ts";
import { type Folders, logOf } from "./folders.ts";
import { keepClassArchive } from "./kinds/class-archive.ts";
import { identify } from "./process/identity.ts";
import { runningProcess, writePidFile } from "./process/pid-file.ts";
import { isListening } from "./process/ports.ts";
import { pauseProcess, stopProcess } from "./process/signals.ts";
import type { Launch, Progress, Server, Surroundings } from "./server.ts";
import { PREFIX } from "./settings.ts";

/** True if this call started it, false if it was up. */
export async function startOne(
  server: Server,
  surroundings: Surroundings,
  progress: Progress,
): Promise<boolean> {
  const { settings, folders } = surroundings;
  const { name } = server;
  const began = performance.now();
  let ending: Promise<string> | undefined;
  const wasUp = runningProcess(folders.run, name) !== undefined;
  // A frozen one would never answer.
  if (wasUp) pauseProcess(folders.run, name, "SIGCONT");
  else ending = launch(name, await server.start(progress), folders);
  try {
    await untilReady(server, ending, began + settings.startTimeoutMs, surroundings, progress);
  } catch (error) {
    if (!wasUp) {
      await stopProcess(folders.run, name, 2000);
      keepClassArchive(folders, settings.cache, name, false);
    }
    throw error;
  }
  const port = server.ports[0]?.port;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  progress.say(
    wasUp ? `${name} is up, port ${port}` : `${name} ready in ${seconds} s, port ${port}`,
  );
  return !wasUp;
}

/**
 * Throws where a port of a server that is not running is in use. After SIGKILL a process' first thread can be
 * gone while others still hold its ports: that is waited for.
 */
export async function checkPorts(
  servers: readonly Server[],
  folders: Folders,
  patienceMs = 5000,
): Promise<void> {
  const until = performance.now() + patienceMs;
  for (const { name, ports } of servers) {
    if (runningProcess(folders.run, name) !== undefined) continue;
    for (const { port, setting } of ports) {
      while (await isListening(port)) {
        if (performance.now() > until) {
          throw new ServersFailure(
            `${name}: port ${port} is taken by a process these servers did not start: stop that process, or set ${setting} to another port (0 takes any free one)`,
          );
        }
        await sleep(100);
      }
    }
  }
}

/** The promise says how the process ended, once it has. */
function launch(name: string, { command, args, env }: Launch, folders: Folders): Promise<string> {
  const log = logOf(folders, name);
  if (existsSync(log)) renameSync(log, `${log}.old`);
  const out = openSync(log, "a", 0o600);
  // A group of its own: Ctrl-C at the terminal is for who typed the command, not for the servers.
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", out, out],
    cwd: folders.data,
    env: { ...process.env, ...env },
  });
  closeSync(out);
  const self = child.pid === undefined ? undefined : identify(child.pid);
  if (self !== undefined) writePidFile(folders.run, name, self);
  child.unref();
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(`cannot be run: ${error.message}`));
    child.on("exit", (code, signal) => {
      resolve(`ended while starting, with ${signal ?? `exit code ${code}`}`);
    });
  });
}

async function untilReady(
  server: Server,
  ending: Promise<string> | undefined,
  until: number,
  { settings, folders }: Surroundings,
  progress: Progress,
): Promise<void> {
  const { name } = server;
  let answer = "";
  for (;;) {
    progress.signal.throwIfAborted();
    let why: string | undefined;
    if (runningProcess(folders.run, name) === undefined) {
      // The system's word that it ended is on its way.
      why = await Promise.race([ending ?? "ended", sleep(1000, "ended")]);
    } else if (performance.now() > until) {
      const seconds = settings.startTimeoutMs / 1000;
      why = `does not answer after ${seconds} s (${answer}; ${PREFIX}START_TIMEOUT_S gives it longer)`;
    }
    if (why !== undefined) {
      const log = logOf(folders, name);
      throw new ServersFailure(`${name} ${why}; last lines of ${log}:${lastLinesOf(log)}`);
    }
    try {
      await server.ready();
      // Not if somebody else answers, who took its port in the last moment.
      if (runningProcess(folders.run, name) !== undefined) return;
    } catch (error) {
      answer = messageOf(error);
    }
    await sleep(100);
  }
}

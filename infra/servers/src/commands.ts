// The commands, each as one function from settings and names to an exit code.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { CommandLine } from "./command-line.ts";
import { helpText } from "./command-line.ts";
import { envValues, exportLines, tandemSettings } from "./env-values.ts";
import { messageOf, ServersFailure } from "./failure.ts";
import { foldersOf } from "./folders.ts";
import { runWithServers } from "./isolated-run.ts";
import { isNamed, serversOf } from "./known-servers.ts";
import { makePlan, readPlan } from "./plan.ts";
import { runningProcess } from "./process/pid-file.ts";
import type { Progress } from "./server.ts";
import { down, drill, install, up } from "./set.ts";
import { PREFIX, readSettings, type Settings } from "./settings.ts";

export async function runCommandLine(
  { command, args, option }: CommandLine,
  progress: Progress,
): Promise<number> {
  const settings = readSettings(process.env);
  switch (command) {
    case "help":
      process.stdout.write(helpText());
      return 0;
    case "up":
      await up(settings, args, progress);
      return 0;
    case "down":
      await down(settings, args, progress);
      return 0;
    case "install":
      await install(settings, args, progress);
      return 0;
    case "run": {
      const data = process.env[`${PREFIX}DATA`] ? { data: settings.data } : {};
      return await runWithServers(args, { say: progress.say, ...data });
    }
    case "status":
      return await status(settings, args);
    case "env":
      return printEnv(settings, args, option);
    case "logs":
      return await logs(settings, args, option);
    default: {
      const hit = await drill(foldersOf(settings.data), args, command);
      progress.say(`${command}: ${hit.join(", ")}`);
      return 0;
    }
  }
}

async function status(settings: Settings, names: readonly string[]): Promise<number> {
  const folders = foldersOf(settings.data);
  const plan = readPlan(folders) ?? (await makePlan(settings, folders));
  const states = serversOf({ settings, folders, plan }, names).map(async (server) => {
    const pid = runningProcess(folders.run, server.name)?.pid;
    const answer = await server.ready().then(() => "ready", messageOf);
    const state = pid === undefined ? "down" : answer;
    const where = pid === undefined ? "" : `pid ${pid}  port ${server.ports[0]?.port}  `;
    return { state, line: `${server.name.padEnd(10)} ${where}${state}` };
  });
  const all = await Promise.all(states);
  for (const { line } of all) process.stdout.write(`${line}\n`);
  return all.every(({ state }) => state === "ready") ? 0 : 3;
}

function printEnv(settings: Settings, names: readonly string[], tandem: boolean): number {
  const folders = foldersOf(settings.data);
  const plan = readPlan(folders);
  if (plan === undefined) {
    throw new ServersFailure(`there are no servers in ${settings.data}: run \`up\` first`);
  }
  const servers = serversOf({ settings, folders, plan }, names).map((server) => server.name);
  const values = envValues(plan, servers);
  process.stdout.write(exportLines(tandem ? tandemSettings(values) : values));
  return 0;
}

/** By `tail`, which knows how to follow files that are replaced. */
async function logs(
  settings: Settings,
  names: readonly string[],
  follow: boolean,
): Promise<number> {
  const { logs: folder } = foldersOf(settings.data);
  const files = existsSync(folder)
    ? readdirSync(folder).filter(
        (file) => file.endsWith(".log") && isNamed(file.slice(0, -".log".length), names),
      )
    : [];
  if (files.length === 0) throw new ServersFailure(`there are no logs in ${folder}`);
  const args = ["-n", "20", ...(follow ? ["-F"] : []), "--", ...files.map((f) => join(folder, f))];
  const child = spawn("tail", args, { stdio: "inherit" });
  return await new Promise((resolve, reject) => {
    child.on("error", reject).on("exit", (code) => resolve(code ?? 0));
  });
}

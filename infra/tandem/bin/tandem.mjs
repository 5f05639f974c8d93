#!/usr/bin/env node
// Starts the tandem command under any Node from 20 on. The sources are TypeScript and run as they
// are, which takes Node 22.18 or newer; under an older one this file finds Node 24 in
// infra/toolchain (installs it once where absent) and runs itself again with that.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const toolchain = join(root, "infra", "toolchain");
const newer = join(toolchain, "node_modules", ".bin", "node");

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const runsTypeScript = major >= 24 || (major === 22 && minor >= 18);

/** `npm ci` with its output on stderr, so that stdout stays the command's own. */
function install(what, args, path) {
  process.stderr.write(`tandem: installing ${what} (once)\n`);
  const npm = spawnSync("npm", ["ci", ...args, "--ignore-scripts", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    env: { ...process.env, PATH: path },
  });
  if (npm.status === 0) return;
  process.stderr.write(`tandem: npm could not install ${what}\n`);
  process.exit(1);
}

function runAgainWith(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: "inherit",
  });
  // A terminal sends Ctrl-C to both processes; passing it on would make it two.
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of ["SIGINT", "SIGQUIT"]) {
    process.on(signal, () => atTerminal || child.kill(signal));
  }
  for (const signal of ["SIGTERM", "SIGHUP", "SIGUSR2"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => {
    process.stderr.write(`tandem: cannot start ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

const path = process.env.PATH ?? "";
if (!runsTypeScript) {
  if (!existsSync(newer)) install("Node.js 24", ["--prefix", toolchain], path);
  if (!existsSync(newer)) {
    process.stderr.write("tandem: no Node.js 24 for this machine; install Node.js 24 yourself\n");
    process.exit(1);
  }
  runAgainWith(newer);
} else {
  if (!existsSync(join(root, "node_modules", ".package-lock.json"))) {
    const bin = join(newer, "..");
    install("dependencies", [], existsSync(newer) ? `${bin}${delimiter}${path}` : path);
  }
  // What was compiled once is not compiled again: about half the CPU time of a start.
  module.enableCompileCache?.(join(root, "node_modules", ".cache", "compile"));
  await import("../src/main.ts");
}

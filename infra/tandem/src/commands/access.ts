// How a command gets at a data directory: it opens it where nobody owns it, and otherwise asks the owner
// process to run the same command line. Where log and views are real servers there is no such directory.

import { DirectoryLock, systemClock } from "@tandem/adapters/embedded";
import { isAttached } from "@tandem/adapters/stack";
import { TandemError } from "@tandem/shared-logic";
import { askOwner } from "../ops/ops-client.ts";
import { readOwner } from "../ops/owner-file.ts";
import { Tandem } from "../tandem.ts";
import type { Io } from "./io.ts";
import type { CommonOptions } from "./settings.ts";

export type Work = (tandem: Tandem) => Promise<void>;

/** Runs `work` on the directory, or has the owner run `argv`; resolves to the exit code. */
export type Access = (
  common: CommonOptions,
  argv: readonly string[],
  io: Io,
  usesStdin: boolean,
  work: Work,
) => Promise<number>;

export const openOrAsk: Access = async (common, argv, io, usesStdin, work) => {
  if (isAttached(common.settings.config)) return openAndWork(common, io, work);
  let lock: DirectoryLock;
  try {
    lock = await DirectoryLock.take(common.data);
  } catch (error) {
    if (!(error instanceof TandemError && error.code === "directory_locked")) throw error;
    const owner = await readOwner(common.data);
    const exit = owner && (await askOwner(owner, withTenant(argv, common), io, usesStdin));
    if (exit === undefined) throw error;
    return exit;
  }
  try {
    return await openAndWork(common, io, work);
  } finally {
    await lock.release();
  }
};

async function openAndWork(common: CommonOptions, io: Io, work: Work): Promise<number> {
  const tandem = await Tandem.open({
    config: common.settings.config,
    dataDir: common.data,
    metricFolders: common.metrics,
    clock: systemClock(),
    onError: (error, where) =>
      io.err(`${where}: ${error instanceof Error ? error.message : String(error)}\n`),
  });
  try {
    await work(tandem);
  } finally {
    await tandem.close();
  }
  return 0;
}

/** The owner process has an environment of its own: what this one says goes along. */
function withTenant(argv: readonly string[], { tenant, settings }: CommonOptions): string[] {
  const typed = settings.sources.get("tenant") === "command line" || argv.includes("--");
  return typed ? [...argv] : [...argv, "--tenant", tenant];
}

/** Inside the owner process: the directory is open already. */
export const ownedBy =
  (tandem: Tandem): Access =>
  async (_common, _argv, _io, _usesStdin, work) => {
    await work(tandem);
    return 0;
  };

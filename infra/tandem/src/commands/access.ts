// How a command gets at a data directory: it opens it where nobody owns it, and otherwise asks the owner
// process to run the same command line.

import { DirectoryLock, systemClock } from "@tandem/adapters/embedded";
import { TandemError } from "@tandem/shared-logic";
import { askOwner } from "../ops/ops-client.ts";
import { readOwner } from "../ops/owner-file.ts";
import { Tandem } from "../tandem.ts";
import type { Io } from "./io.ts";

export interface CommonOptions {
  readonly data: string;
  readonly tenant: string;
  readonly metrics: readonly string[];
}

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
  let lock: DirectoryLock;
  try {
    lock = await DirectoryLock.take(common.data);
  } catch (error) {
    if (!(error instanceof TandemError && error.code === "directory_locked")) throw error;
    const owner = await readOwner(common.data);
    const exit = owner && (await askOwner(owner, argv, io, usesStdin));
    if (exit === undefined) throw error;
    return exit;
  }
  try {
    const tandem = await Tandem.open({
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
  } finally {
    await lock.release();
  }
};

/** Inside the owner process: the directory is open already. */
export const ownedBy =
  (tandem: Tandem): Access =>
  async (_common, _argv, _io, _usesStdin, work) => {
    await work(tandem);
    return 0;
  };

// The spool's own log, where the configuration asks for one: segment files on this process's disk, in small
// segments, so that the disk of what was delivered is soon given back. Owned by one process; closed by it.
import { join } from "node:path";
import type { Clock } from "@tandem/shared-logic";
import { DirectoryLock } from "../embedded/directory-lock.ts";
import { FileEventLog } from "../embedded/file-event-log.ts";
import { chosenPorts } from "./chosen-ports.ts";
import type { TandemConfig } from "./config-schema.ts";
import { collectorFolder } from "./data-folders.ts";

export interface OpenedSpool {
  readonly log: FileEventLog;
  readonly dir: string;
  close(): Promise<void>;
}

const SEGMENT_BYTES = 4 * 1024 * 1024;
const TAIL_BYTES = 1024 * 1024;

/** Undefined where it is off, or where the log is a file on this disk itself. */
export async function openSpool(
  config: TandemConfig,
  clock: Clock,
): Promise<OpenedSpool | undefined> {
  if (!config.spool.enabled || chosenPorts(config).log === "file") return undefined;
  const dir = config.spool.dir ?? join(collectorFolder(config), "spool");
  const lock = await DirectoryLock.take(dir);
  try {
    const options = { clock, segmentBytes: SEGMENT_BYTES, tailBytes: TAIL_BYTES };
    const log = await FileEventLog.open(dir, options);
    return {
      log,
      dir,
      async close() {
        await log.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

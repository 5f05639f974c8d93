// What lies where in a data directory.
import { join } from "node:path";
import type { TandemConfig } from "./config-schema.ts";

export const dataFolders = (dataDir: string) => ({
  log: join(dataDir, "log"),
  objects: join(dataDir, "objects"),
  checkpoints: join(dataDir, "checkpoints"),
  deadLetters: join(dataDir, "dead-letters"),
  views: join(dataDir, "views.sqlite"),
  jobs: join(dataDir, "jobs.sqlite"),
  processes: join(dataDir, "processes"),
});

/** Of one of several collectors: its dead letters and its spool. */
export const collectorFolder = ({ dataDir, collector }: TandemConfig): string =>
  join(dataDir, `collector-${collector.port}`);

/** Of one of several bridges: its dead letters. */
export const bridgeFolder = ({ dataDir, operations }: TandemConfig): string =>
  join(dataDir, `bridge-${operations.port}`);

// What lies where in a data directory.
import { join } from "node:path";

export const dataFolders = (dataDir: string) => ({
  log: join(dataDir, "log"),
  objects: join(dataDir, "objects"),
  checkpoints: join(dataDir, "checkpoints"),
  deadLetters: join(dataDir, "dead-letters"),
  views: join(dataDir, "views.sqlite"),
  jobs: join(dataDir, "jobs.sqlite"),
});

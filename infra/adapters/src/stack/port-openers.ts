// How each port is opened by the adapter chosen for it: the one place that knows both the configuration's
// names and the adapters' options.
import { mkdir } from "node:fs/promises";
import type { ChosenPorts } from "./chosen-ports.ts";
import { cassandraOptions, s3Options } from "./client-options.ts";
import type { TandemConfig } from "./config-schema.ts";
import { dataFolders } from "./data-folders.ts";
import type { PortName, StackContext, StackPorts } from "./stack-ports.ts";

export interface Opening {
  readonly chosen: ChosenPorts;
  readonly config: TandemConfig;
  readonly context: StackContext;
}

type Openers = {
  readonly [N in PortName]: (
    o: Opening,
  ) => Promise<StackPorts[N] & { close?: () => Promise<void> }>;
};

export const OPENERS: Openers = {
  async log({ chosen, config }) {
    if (chosen.log !== "file") throw new RangeError(`no adapter ${chosen.log}`);
    const { FileEventLog } = await import("../embedded/file-event-log.ts");
    return FileEventLog.open((await foldersOf(config)).log);
  },
  async views({ chosen, config }) {
    if (chosen.views === "cassandra") {
      const { CassandraViewStore } = await import("../cassandra/index.ts");
      return CassandraViewStore.open(cassandraOptions(config));
    }
    const { SqliteViewStore } = await import("../embedded/sqlite-view-store.ts");
    return new SqliteViewStore((await foldersOf(config)).views);
  },
  async objects({ chosen, config, context }) {
    if (chosen.objects === "s3") {
      const { S3ObjectStore } = await import("../s3/index.ts");
      return S3ObjectStore.open(s3Options(config, context));
    }
    const { FolderObjectStore } = await import("../embedded/folder-object-store.ts");
    return FolderObjectStore.open((await foldersOf(config)).objects);
  },
  async checkpoints({ chosen, config, context }) {
    if (chosen.checkpoints === "s3") {
      const { S3CheckpointStore } = await import("../s3/index.ts");
      return S3CheckpointStore.open(s3Options(config, context, CHECKPOINTS));
    }
    const { FileCheckpointStore } = await import("../embedded/file-checkpoint-store.ts");
    return FileCheckpointStore.open((await foldersOf(config)).checkpoints);
  },
  async deadLetters({ config, context }) {
    const { fileDeadLetters } = await import("../embedded/file-dead-letters.ts");
    return fileDeadLetters((await foldersOf(config)).deadLetters, context.clock);
  },
  async jobs({ chosen, config, context }) {
    if (chosen.jobs !== "sqlite") throw new RangeError(`no adapter ${chosen.jobs}`);
    const { SqliteJobQueue } = await import("../embedded/sqlite-job-queue.ts");
    const { clock, onJobThrow } = context;
    return new SqliteJobQueue((await foldersOf(config)).jobs, {
      clock,
      ...(onJobThrow ? { onThrow: (_, error) => onJobThrow(error) } : {}),
    });
  },
};

/** Folder of the checkpoints beside the objects. */
const CHECKPOINTS = "checkpoints";

async function foldersOf(config: TandemConfig): Promise<ReturnType<typeof dataFolders>> {
  await mkdir(config.dataDir, { recursive: true });
  return dataFolders(config.dataDir);
}

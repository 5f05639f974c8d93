// How each port is opened by the adapter chosen for it: the one place that knows both the configuration's
// names and the adapters' options.
import { mkdir } from "node:fs/promises";
import { NO_NOTIFICATIONS, type NotificationKind, TandemError } from "@tandem/shared-logic";
import type { ChosenPorts } from "./chosen-ports.ts";
import { cassandraOptions, kafkaOptions, redisOptions, s3Options } from "./client-options.ts";
import type { TandemConfig } from "./config-schema.ts";
import { bridgeFolder, collectorFolder, dataFolders } from "./data-folders.ts";
import { prefixedGroup, prefixedLog } from "./prefixed-names.ts";
import type { PortName, StackContext, StackPorts } from "./stack-ports.ts";

export interface Opening {
  readonly chosen: ChosenPorts;
  readonly config: TandemConfig;
  readonly context: StackContext;
  /** What is opened beside it. */
  readonly needs?: readonly PortName[];
}

type Openers = {
  readonly [N in PortName]: (
    o: Opening,
  ) => Promise<StackPorts[N] & { close?: () => Promise<void> }>;
};

export const OPENERS: Openers = {
  async log({ chosen, config, context }) {
    if (chosen.log === "kafka") {
      const { KafkaEventLog } = await import("../kafka/index.ts");
      const { topicPrefix } = config.kafka;
      return prefixedLog(new KafkaEventLog(kafkaOptions(config, context)), topicPrefix);
    }
    if (chosen.log === "rdkafka") {
      const { RdkafkaEventLog } = await import("../rdkafka/index.ts");
      const { topicPrefix } = config.kafka;
      return prefixedLog(new RdkafkaEventLog(kafkaOptions(config, context)), topicPrefix);
    }
    const { FileEventLog } = await import("../embedded/file-event-log.ts");
    return FileEventLog.open((await foldersOf(config)).log);
  },
  async views({ chosen, config, context }) {
    if (chosen.views === "cassandra") {
      const { CassandraViewStore } = await import("../cassandra/index.ts");
      const store = await CassandraViewStore.open(cassandraOptions(config));
      const { warning } = store.durability;
      if (warning !== undefined) context.onRisk?.("cassandra", warning);
      return store;
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
  async deadLetters({ chosen, config, context, needs = [] }) {
    const { fileDeadLetters } = await import("../embedded/file-dead-letters.ts");
    // Several collectors of one log: each has its own, as has a bridge.
    const own = needs.includes("foreign") ? bridgeFolder(config) : collectorFolder(config);
    const dir = chosen.log === "file" ? config.dataDir : own;
    return fileDeadLetters(dataFolders(dir).deadLetters, context.clock);
  },
  async jobs({ chosen, config, context }) {
    if (chosen.jobs === "bullmq") {
      const { BullJobQueue } = await import("../redis/index.ts");
      return BullJobQueue.open(redisOptions(config, context));
    }
    const { SqliteJobQueue } = await import("../embedded/sqlite-job-queue.ts");
    const { clock, onJobThrow } = context;
    return new SqliteJobQueue((await foldersOf(config)).jobs, {
      clock,
      ...(onJobThrow ? { onThrow: (_, error) => onJobThrow(error) } : {}),
    });
  },
  async group({ chosen, config, context }) {
    if (chosen.group === "kafka") {
      const { KafkaPartitionGroup } = await import("../kafka/index.ts");
      const { topicPrefix } = config.kafka;
      return prefixedGroup(new KafkaPartitionGroup(kafkaOptions(config, context)), topicPrefix);
    }
    const { LocalPartitionGroup } = await import("../embedded/local-partition-group.ts");
    return new LocalPartitionGroup(async () => config.dataset.partitions);
  },
  async notifications({ chosen, config, context }) {
    const { notifications, topicPrefix } = config.kafka;
    if (chosen.log === "file" || !notifications) return NO_NOTIFICATIONS;
    const { copyTopic, KafkaEventLog, LogNotifications } = await import("../kafka/index.ts");
    // A client of its own: no event waits behind a copy.
    const log = new KafkaEventLog(kafkaOptions(config, context));
    const dataset = topicPrefix + config.dataset.name;
    const datasetOf = (kind: NotificationKind): string => copyTopic(dataset, kind);
    const notes = new LogNotifications({ log, clock: context.clock, datasetOf });
    return {
      publish: (kind, key, value) => notes.publish(kind, key, value),
      dropped: notes.dropped,
      async close() {
        await notes.close();
        await log.close();
      },
    };
  },
  async foreign({ chosen, config, context }) {
    if (chosen.log === "file") {
      throw new TandemError("configuration", {
        message: "stack (TANDEM_STACK): there are topics of others on Kafka only; set it to real",
      });
    }
    const { KafkaEventLog, KafkaPartitionGroup } = await import("../kafka/index.ts");
    const log = new KafkaEventLog(kafkaOptions(config, context));
    const groups = new KafkaPartitionGroup(kafkaOptions(config, context));
    return {
      log,
      groups,
      async close() {
        await groups.close();
        await log.close();
      },
    };
  },
};

/** Folder of the checkpoints beside the objects. */
const CHECKPOINTS = "checkpoints";

async function foldersOf(config: TandemConfig): Promise<ReturnType<typeof dataFolders>> {
  await mkdir(config.dataDir, { recursive: true });
  return dataFolders(config.dataDir);
}

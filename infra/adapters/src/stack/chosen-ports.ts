// Which adapter serves which port: what `ports` says, else what `stack` stands for.
import type { TandemConfig } from "./config-schema.ts";
import { bridgeFolder, collectorFolder } from "./data-folders.ts";

interface Configured {
  readonly log: "file" | "kafka" | "rdkafka";
  readonly views: "sqlite" | "cassandra";
  readonly objects: "folder" | "s3";
  readonly checkpoints: "files" | "s3";
  readonly jobs: "sqlite" | "bullmq";
}

export interface ChosenPorts extends Configured {
  readonly group: "local" | "kafka";
}

const BY_STACK: Readonly<Record<TandemConfig["stack"], Configured>> = {
  embedded: {
    log: "file",
    views: "sqlite",
    objects: "folder",
    checkpoints: "files",
    jobs: "sqlite",
  },
  real: { log: "kafka", views: "cassandra", objects: "s3", checkpoints: "s3", jobs: "bullmq" },
};
/** Adapters that keep their state in the data directory, which then has one owner process. */
const IN_DATA_DIR: ReadonlySet<string> = new Set([...Object.values(BY_STACK.embedded), "local"]);

export function chosenPorts({ stack, ports }: Pick<TandemConfig, "stack" | "ports">): ChosenPorts {
  const usual = BY_STACK[stack];
  const log = ports.log ?? usual.log;
  return {
    log,
    views: ports.views ?? usual.views,
    objects: ports.objects ?? usual.objects,
    checkpoints: ports.checkpoints ?? usual.checkpoints,
    jobs: ports.jobs ?? usual.jobs,
    group: log === "file" ? "local" : "kafka",
  };
}

/** True where the log or the views are real servers: the layers are then processes of their own. */
export const isAttached = (config: TandemConfig): boolean =>
  !inDataDir(config, ["log"]) && !inDataDir(config, ["views"]);

const inDataDir = (config: TandemConfig, ports: readonly string[]): boolean =>
  Object.entries(chosenPorts(config)).some(
    ([port, choice]) => ports.includes(port) && IN_DATA_DIR.has(choice),
  );

/** The folder that a process with these ports must own; undefined where it keeps nothing on disk. */
export function ownedFolder(config: TandemConfig, ports: readonly string[]): string | undefined {
  if (inDataDir(config, ports)) return config.dataDir;
  if (!ports.includes("deadLetters")) return undefined;
  return ports.includes("foreign") ? bridgeFolder(config) : collectorFolder(config);
}

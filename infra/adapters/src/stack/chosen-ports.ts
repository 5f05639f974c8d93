// Which adapter serves which port: what `ports` says, else what `stack` stands for.
import type { TandemConfig } from "./config-schema.ts";

export interface ChosenPorts {
  readonly log: "file" | "kafka" | "rdkafka";
  readonly views: "sqlite" | "cassandra";
  readonly objects: "folder" | "s3";
  readonly checkpoints: "files" | "s3";
  readonly jobs: "sqlite" | "bullmq";
}

const BY_STACK: Readonly<Record<TandemConfig["stack"], ChosenPorts>> = {
  embedded: {
    log: "file",
    views: "sqlite",
    objects: "folder",
    checkpoints: "files",
    jobs: "sqlite",
  },
  real: { log: "kafka", views: "cassandra", objects: "s3", checkpoints: "s3", jobs: "bullmq" },
};

export function chosenPorts({ stack, ports }: Pick<TandemConfig, "stack" | "ports">): ChosenPorts {
  const usual = BY_STACK[stack];
  return {
    log: ports.log ?? usual.log,
    views: ports.views ?? usual.views,
    objects: ports.objects ?? usual.objects,
    checkpoints: ports.checkpoints ?? usual.checkpoints,
    jobs: ports.jobs ?? usual.jobs,
  };
}

const EMBEDDED: ReadonlySet<string> = new Set(Object.values(BY_STACK.embedded));

/** True where some of these lie in the data directory, which then has one owner process. */
export function needsDataDir(config: TandemConfig, ports: readonly string[]): boolean {
  return Object.entries(chosenPorts(config)).some(
    ([port, choice]) => ports.includes(port) && EMBEDDED.has(choice),
  );
}

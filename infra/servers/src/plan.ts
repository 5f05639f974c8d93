// What a data folder's servers are: how many brokers, which ports, which keys. Kept in the folder, so that a
// server comes back where its clients look for it, and `env`, `kill` or a later `up` need no settings again.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServersFailure } from "./failure.ts";
import type { Folders } from "./folders.ts";
import { pidFileNames, runningProcess } from "./process/pid-file.ts";
import { freePort } from "./process/ports.ts";
import { defaultKeys, defaultPorts, type PortName, PREFIX, type Settings } from "./settings.ts";

export interface Plan {
  readonly brokers: number;
  /** By key: `kafka-2`, `kafka-2-controller`, `redis`. */
  readonly ports: Readonly<Record<string, number>>;
  readonly s3AccessKey: string;
  readonly s3SecretKey: string;
}

interface PlannedPort {
  readonly key: string;
  /** The server that listens on it. */
  readonly server: string;
  readonly name: PortName;
  readonly offset: number;
}

const planFile = (folders: Folders): string => join(folders.run, "plan.json");

export function readPlan(folders: Folders): Plan | undefined {
  try {
    return JSON.parse(readFileSync(planFile(folders), "utf8")) as Plan;
  } catch {
    return undefined;
  }
}

export function writePlan(folders: Folders, plan: Plan): void {
  const path = planFile(folders);
  writeFileSync(`${path}~`, `${JSON.stringify(plan, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}~`, path);
}

function plannedPorts(brokers: number): PlannedPort[] {
  const ofBrokers = Array.from({ length: brokers }, (_, offset): PlannedPort[] => {
    const server = `kafka-${offset + 1}`;
    return [
      { key: server, server, name: "KAFKA_PORT", offset },
      { key: `${server}-controller`, server, name: "KAFKA_CONTROLLER_PORT", offset },
    ];
  });
  return [
    ...ofBrokers.flat(),
    { key: "cassandra", server: "cassandra", name: "CASSANDRA_PORT", offset: 0 },
    { key: "cassandra-storage", server: "cassandra", name: "CASSANDRA_STORAGE_PORT", offset: 0 },
    { key: "redis", server: "redis", name: "REDIS_PORT", offset: 0 },
    { key: "s3", server: "s3", name: "S3_PORT", offset: 0 },
  ];
}

/** What is asked for counts, else what the folder had, else the default; a running server cannot change. */
export async function makePlan(settings: Settings, folders: Folders): Promise<Plan> {
  const former = readPlan(folders);
  const running = pidFileNames(folders.run).filter((name) => runningProcess(folders.run, name));
  const brokers = settings.brokers ?? former?.brokers ?? 1;
  const isKafka = (name: string): boolean => name.startsWith("kafka-");
  if (former !== undefined && former.brokers !== brokers && running.some(isKafka)) {
    throw runsOtherwise("kafka", `${former.brokers} broker(s)`, "KAFKA_BROKERS", `${brokers}`);
  }
  const keys = {
    s3AccessKey: settings.s3AccessKey ?? former?.s3AccessKey ?? defaultKeys.access,
    s3SecretKey: settings.s3SecretKey ?? former?.s3SecretKey ?? defaultKeys.secret,
  };
  if (former !== undefined && running.includes("s3")) {
    if (keys.s3AccessKey !== former.s3AccessKey)
      throw runsOtherwise("s3", "another key", "S3_ACCESS_KEY", "this one");
    if (keys.s3SecretKey !== former.s3SecretKey)
      throw runsOtherwise("s3", "another key", "S3_SECRET_KEY", "this one");
  }
  const ports: Record<string, number> = {};
  const taken = new Set<number>();
  for (const { key, server, name, offset } of plannedPorts(brokers)) {
    const asked = settings.ports[name];
    const had = former?.ports[key];
    const wanted = asked ? asked + offset : undefined;
    if (had !== undefined && wanted !== undefined && wanted !== had && running.includes(server)) {
      throw runsOtherwise(server, `port ${had}`, name, `${wanted}`);
    }
    const port =
      wanted ?? had ?? (asked === 0 ? await freePort(taken) : defaultPorts[name] + offset);
    if (taken.has(port)) {
      throw new ServersFailure(`port ${port} is planned twice: set ${PREFIX}${name} to another`);
    }
    taken.add(port);
    ports[key] = port;
  }
  return { brokers, ports, ...keys };
}

function runsOtherwise(server: string, has: string, name: string, asks: string): ServersFailure {
  return new ServersFailure(
    `${server} runs with ${has}, but ${PREFIX}${name} asks for ${asks}: unset it, or stop ${server} first`,
  );
}

// Kafka without ZooKeeper (KRaft): one broker, or three that are broker and controller at once.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { jars } from "../fetch/maven.ts";
import { runTool } from "../fetch/run-tool.ts";
import { runningProcess } from "../process/pid-file.ts";
import type { Launch, Server, ServerKind, Surroundings } from "../server.ts";
import { PREFIX } from "../settings.ts";
import { kafkaReady } from "../wire/kafka-ready.ts";
import { classArchiveFlags } from "./class-archive.ts";
import { writeConf } from "./conf-file.ts";
import { findJava, jvmFlags } from "./java.ts";

/** All brokers of a cluster share one; any 16 bytes, in base64url. */
const CLUSTER_ID = "dGFuZGVtLWxvY2FsLTAwMQ";
const NEWEST_JAVA = 25;

interface Node {
  readonly id: number;
  readonly name: string;
  readonly port: number;
  readonly controllerPort: number;
}

export const kafka: ServerKind = (surroundings) => {
  const { plan, folders } = surroundings;
  const nodes = Array.from({ length: plan.brokers }, (_, i): Node => {
    const name = `kafka-${i + 1}`;
    const [port = 0, controllerPort = 0] = [plan.ports[name], plan.ports[`${name}-controller`]];
    return { id: i + 1, name, port, controllerPort };
  });
  const lib = jars(surroundings.settings.cache, "kafka");
  const running = (): number => nodes.filter((n) => runningProcess(folders.run, n.name)).length;
  return nodes.map(
    (node): Server => ({
      name: node.name,
      ports: [
        { key: node.name, port: node.port, setting: `${PREFIX}KAFKA_PORT` },
        {
          key: `${node.name}-controller`,
          port: node.controllerPort,
          setting: `${PREFIX}KAFKA_CONTROLLER_PORT`,
        },
      ],
      fetch: lib.fetch,
      start: ({ signal }) => prepare(surroundings, nodes, node, lib.folder, signal),
      // Ready when it knows of all brokers that run now: a client may ask any of them for the others.
      ready: () => kafkaReady(node.port, running()),
    }),
  );
};

async function prepare(
  { settings, folders }: Surroundings,
  nodes: readonly Node[],
  node: Node,
  jarFolder: string,
  signal: AbortSignal,
): Promise<Launch> {
  const java = await findJava(node.name, NEWEST_JAVA, signal);
  const classPath = `${jarFolder}/*`;
  // The voters are part of the data, so that one broker and three brokers have separate data.
  const data = join(folders.data, `kafka-of-${nodes.length}`, `node-${node.id}`);
  const conf = writeConf(folders, "kafka.properties", `${node.name}.properties`, {
    id: node.id,
    port: node.port,
    controllerPort: node.controllerPort,
    voters: nodes.map((n) => `${n.id}@127.0.0.1:${n.controllerPort}`).join(","),
    data,
    replicas: nodes.length,
    minInSync: nodes.length === 1 ? 1 : 2,
  });
  if (!existsSync(join(data, "meta.properties"))) {
    const format = ["format", "--ignore-formatted", "-t", CLUSTER_ID, "-c", conf];
    await runTool({
      command: java.command,
      args: ["-XX:TieredStopAtLevel=1", "-cp", classPath, "kafka.tools.StorageTool", ...format],
      ifMissing: "",
      signal,
    });
  }
  return {
    command: java.command,
    args: [
      ...jvmFlags(settings.kafkaHeap),
      ...classArchiveFlags(folders, node.name, jarFolder, java),
      "-Dorg.apache.logging.log4j.level=INFO",
      "-cp",
      classPath,
      "kafka.Kafka",
      conf,
    ],
  };
}

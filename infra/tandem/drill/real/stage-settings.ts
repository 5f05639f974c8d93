// Settings of the drill's installation: everything often, so that a short drill meets every state. Pure but
// for the ports, which are drawn.
import { randomInt } from "node:crypto";
import type { EnvValues } from "../../../servers/src/index.ts";

/** Below what systems give to outgoing connections. */
const drawnPort = (): number => 20_000 + 20 * randomInt(400);

export function stageSettings(env: EnvValues, dataDir: string): object {
  const first = drawnPort();
  return {
    stack: "real",
    dataDir,
    kafka: { brokers: env["KAFKA_BOOTSTRAP"]?.split(",") },
    cassandra: {
      contactPoints: env["CASSANDRA_CONTACT_POINTS"]?.split(","),
      datacenter: env["CASSANDRA_DATACENTER"],
    },
    s3: {
      endpoint: env["S3_ENDPOINT"],
      region: env["S3_REGION"],
      accessKey: env["S3_ACCESS_KEY"],
      secretKey: env["S3_SECRET_KEY"],
    },
    redis: { url: env["REDIS_URL"] },
    // Full after some ten seconds without Kafka: then 503.
    spool: { maxBytes: 300_000 },
    speed: { checkpointMs: 2000 },
    archive: { records: 2000 },
    batch: { graceMs: 0, everyMs: 5000 },
    processes: {
      collectorPorts: [first, first + 1],
      servingPorts: [first + 2],
      operationsPort: first + 3,
      speed: 2,
      archive: 1,
      batch: 1,
    },
  };
}

// How clients find the servers: the environment variables that the processes, the real tests and the drills
// read.
import { CASSANDRA_DATACENTER } from "./kinds/cassandra.ts";
import { S3_REGION } from "./kinds/s3.ts";
import type { Plan } from "./plan.ts";

export type EnvValues = Readonly<Record<string, string>>;

/** Of the servers named only: a test of Redis alone is not told of a Kafka that does not run. */
export function envValues(plan: Plan, servers: readonly string[]): EnvValues {
  const at = (name: string): string => `127.0.0.1:${plan.ports[name]}`;
  const brokers = servers.filter((name) => name.startsWith("kafka-"));
  return {
    ...(brokers.length > 0 && { KAFKA_BOOTSTRAP: brokers.map(at).join(",") }),
    ...(servers.includes("cassandra") && {
      CASSANDRA_CONTACT_POINTS: at("cassandra"),
      CASSANDRA_DATACENTER,
    }),
    ...(servers.includes("redis") && { REDIS_URL: `redis://${at("redis")}` }),
    ...(servers.includes("s3") && {
      S3_ENDPOINT: `http://${at("s3")}`,
      S3_REGION,
      S3_ACCESS_KEY: plan.s3AccessKey,
      S3_SECRET_KEY: plan.s3SecretKey,
    }),
  };
}

/** The same as settings of Tandem's own processes (docs/configuration.md), with the choice to use them. */
export function tandemSettings(values: EnvValues): EnvValues {
  const names: Readonly<Record<string, string>> = { KAFKA_BOOTSTRAP: "KAFKA_BROKERS" };
  const settings = Object.entries(values).map(([name, value]) => [
    `TANDEM_${names[name] ?? name}`,
    value,
  ]);
  return { TANDEM_STACK: "real", ...Object.fromEntries(settings) };
}

/** Lines for `eval "$(…)"`. */
export const exportLines = (values: EnvValues): string =>
  Object.entries(values)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`)
    .join("");

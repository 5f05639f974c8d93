// The configuration's sections as the options of the clients' adapters.
import { randomInt } from "node:crypto";
import { type Random, TandemError } from "@tandem/shared-logic";
import type { CassandraOptions } from "../cassandra/cassandra-options.ts";
import type { KafkaOptions } from "../kafka/kafka-options.ts";
import type { BullOptions } from "../redis/bull-options.ts";
import type { S3Options } from "../s3/s3-options.ts";
import type { TandemConfig } from "./config-schema.ts";
import type { StackContext } from "./stack-ports.ts";

const random: Random = { u32: () => randomInt(2 ** 32) };

export function kafkaOptions(
  { kafka: k }: TandemConfig,
  { clock, onTrouble }: StackContext,
): KafkaOptions {
  return {
    brokers: k.brokers,
    brokersSetting: "kafka.brokers",
    loginSettings: {
      mechanism: "kafka.saslMechanism",
      username: "kafka.username",
      password: "kafka.password",
    },
    clientId: k.clientId,
    clock,
    compression: k.compression,
    replication: k.replication,
    // Acknowledged by more than one copy wherever there are enough to lose one.
    minInsyncReplicas: k.replication >= 3 ? 2 : 1,
    retentionMs: k.retentionMs === 0 ? -1 : k.retentionMs,
    ...(k.tls ? { ssl: true } : {}),
    ...saslOf(k),
    ...(onTrouble
      ? { log: (level, message) => (level === "info" ? undefined : onTrouble("kafka", message)) }
      : {}),
  };
}

function saslOf(k: TandemConfig["kafka"]): Pick<KafkaOptions, "sasl"> {
  const { saslMechanism: mechanism, username, password } = k;
  if (mechanism === "none") return {};
  if (username === undefined || password === undefined) {
    throw new TandemError("configuration", {
      message: `kafka.saslMechanism is ${mechanism}: set kafka.username (TANDEM_KAFKA_USERNAME) and kafka.password (TANDEM_KAFKA_PASSWORD) too`,
    });
  }
  return { sasl: { mechanism, username, password } };
}

export function cassandraOptions({ cassandra: c }: TandemConfig): CassandraOptions {
  const { contactPoints, datacenter, keyspace, username, password } = c;
  return {
    contactPoints,
    datacenter,
    keyspace,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(c.tls ? { tls: {} } : {}),
  };
}

/** `folder`: below the installation's own. */
export function s3Options(
  { s3 }: TandemConfig,
  { clock, onTrouble }: StackContext,
  folder?: string,
): S3Options {
  const { region, bucket, endpoint, accessKey, secretKey, pathStyle } = s3;
  const prefix = [s3.prefix, folder].filter((part) => part !== undefined).join("/");
  return {
    region,
    bucket,
    clock,
    random,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(pathStyle === undefined ? {} : { pathStyle }),
    ...(prefix === "" ? {} : { prefix }),
    ...(accessKey !== undefined && secretKey !== undefined
      ? { credentials: { accessKey, secretKey } }
      : {}),
    ...(onTrouble
      ? { onRetry: (request, reason) => onTrouble("s3", `${request}: ${reason}`) }
      : {}),
  };
}

export function redisOptions(
  { redis: r }: TandemConfig,
  { onJobThrow, onTrouble }: StackContext,
): BullOptions {
  const { url, prefix, username, password } = r;
  return {
    url,
    prefix,
    // A process that is asked to stop has ten seconds for everything.
    drainMs: 4_000,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(onJobThrow ? { onThrow: (_, error) => onJobThrow(error) } : {}),
    ...(onTrouble ? { onProblem: (error) => onTrouble("redis", error.message) } : {}),
  };
}

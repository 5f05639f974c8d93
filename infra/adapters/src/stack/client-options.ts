// The configuration's sections as the options of the clients' adapters.
import { randomInt } from "node:crypto";
import type { Random } from "@tandem/shared-logic";
import type { CassandraOptions } from "../cassandra/cassandra-options.ts";
import type { S3Options } from "../s3/s3-options.ts";
import type { TandemConfig } from "./config-schema.ts";
import type { StackContext } from "./stack-ports.ts";

const random: Random = { u32: () => randomInt(2 ** 32) };

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
  const { region, bucket, endpoint, accessKey, secretKey } = s3;
  const prefix = [s3.prefix, folder].filter((part) => part !== undefined).join("/");
  return {
    region,
    bucket,
    clock,
    random,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(prefix === "" ? {} : { prefix }),
    ...(accessKey !== undefined && secretKey !== undefined
      ? { credentials: { accessKey, secretKey } }
      : {}),
    ...(onTrouble
      ? { onRetry: (request, reason) => onTrouble("s3", `${request}: ${reason}`) }
      : {}),
  };
}

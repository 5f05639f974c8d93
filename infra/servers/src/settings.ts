// The settings of the servers: one table of environment variables, with what each means. A variable with
// our prefix that is not in the table is refused, so that a misspelt one is not silently ignored.
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ServersFailure } from "./failure.ts";

export const PREFIX = "TANDEM_SERVERS_";
export type Environment = Readonly<Record<string, string | undefined>>;

/** `undefined` means not asked for: the data folder's former value counts, else the default. */
export interface Settings {
  readonly cache: string;
  readonly data: string;
  readonly brokers: number | undefined;
  /** By variable; 0 takes any free port. */
  readonly ports: Readonly<Record<PortName, number | undefined>>;
  readonly s3AccessKey: string | undefined;
  readonly s3SecretKey: string | undefined;
  readonly kafkaHeap: string;
  readonly cassandraHeap: string;
  readonly startTimeoutMs: number;
}

/** Outside of the range that systems give to outgoing connections, and not the servers' usual ports. */
export const defaultPorts = {
  KAFKA_PORT: 24092,
  KAFKA_CONTROLLER_PORT: 24192,
  CASSANDRA_PORT: 24042,
  CASSANDRA_STORAGE_PORT: 24700,
  REDIS_PORT: 24379,
  S3_PORT: 24900,
} as const;
export type PortName = keyof typeof defaultPorts;

/** For servers on 127.0.0.1 with throw-away data only. */
export const defaultKeys = { access: "tandem", secret: "tandem-local-only" } as const;

const own = fileURLToPath(new URL("../.servers", import.meta.url));

export const settingsTable: readonly (readonly [name: string, value: string, text: string])[] = [
  ["CACHE", "infra/servers/.servers/cache", "folder of the downloaded servers"],
  ["DATA", "infra/servers/.servers/data", "folder of data, logs and pid files"],
  ["KAFKA_BROKERS", "1", "1 or 3"],
  ["KAFKA_PORT", "24092", "the first broker's port, the others follow (0: any free ones)"],
  ["KAFKA_CONTROLLER_PORT", "24192", "the same between brokers"],
  ["CASSANDRA_PORT", "24042", "(0: any free one)"],
  ["CASSANDRA_STORAGE_PORT", "24700", "between nodes; there is one node, but it listens"],
  ["REDIS_PORT", "24379", "(0: any free one)"],
  ["S3_PORT", "24900", "(0: any free one)"],
  ["S3_ACCESS_KEY", defaultKeys.access, ""],
  ["S3_SECRET_KEY", defaultKeys.secret, "at least 8 characters"],
  ["KAFKA_HEAP", "512m", "largest heap of a broker"],
  ["CASSANDRA_HEAP", "768m", "largest heap of Cassandra"],
  ["START_TIMEOUT_S", "120", "how long a server may take until it answers, in seconds"],
];

export function readSettings(env: Environment): Settings {
  const known = new Set(settingsTable.map(([name]) => `${PREFIX}${name}`));
  const unknown = Object.keys(env).find((name) => name.startsWith(PREFIX) && !known.has(name));
  if (unknown !== undefined) {
    throw new ServersFailure(
      `${unknown} is no setting: unset it, or take one of ${[...known].join(", ")}`,
    );
  }
  const text = (name: string): string | undefined => env[`${PREFIX}${name}`] || undefined;
  const checked = (name: string, pattern: RegExp, expected: string): string | undefined => {
    const value = text(name);
    if (value === undefined || pattern.test(value)) return value;
    throw new ServersFailure(`${PREFIX}${name} is not ${expected}: ${JSON.stringify(value)}`);
  };
  const port = (name: PortName): number | undefined => {
    const value = checked(name, /^\d{1,5}$/, "a port (0 for any free one)");
    if (value === undefined) return undefined;
    // Three brokers take three ports in a row.
    if (Number(value) <= 65_533) return Number(value);
    throw new ServersFailure(`${PREFIX}${name} is not a port up to 65533: ${value}`);
  };
  const folder = (name: string, otherwise: string): string => resolve(text(name) ?? otherwise);
  const heap = (name: string): string | undefined =>
    checked(name, /^\d+[mg]$/, "a size such as 512m or 2g");
  const brokers = checked("KAFKA_BROKERS", /^[13]$/, "1 or 3");
  const timeout = checked("START_TIMEOUT_S", /^[1-9]\d{0,4}$/, "a number of seconds");
  return {
    cache: folder("CACHE", join(own, "cache")),
    data: folder("DATA", join(own, "data")),
    brokers: brokers === undefined ? undefined : Number(brokers),
    ports: {
      KAFKA_PORT: port("KAFKA_PORT"),
      KAFKA_CONTROLLER_PORT: port("KAFKA_CONTROLLER_PORT"),
      CASSANDRA_PORT: port("CASSANDRA_PORT"),
      CASSANDRA_STORAGE_PORT: port("CASSANDRA_STORAGE_PORT"),
      REDIS_PORT: port("REDIS_PORT"),
      S3_PORT: port("S3_PORT"),
    },
    s3AccessKey: checked("S3_ACCESS_KEY", /^[!-~]+$/, "printable characters without spaces"),
    s3SecretKey: checked("S3_SECRET_KEY", /^[!-~]{8,}$/, "8 or more printable characters"),
    kafkaHeap: heap("KAFKA_HEAP") ?? "512m",
    cassandraHeap: heap("CASSANDRA_HEAP") ?? "768m",
    startTimeoutMs: 1000 * Number(timeout ?? 120),
  };
}

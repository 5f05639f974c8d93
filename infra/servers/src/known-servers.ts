// The kinds of servers there are, and how people name them: `kafka` means all brokers, `kafka-2` one.
import { ServersFailure } from "./failure.ts";
import { cassandra } from "./kinds/cassandra.ts";
import { kafka } from "./kinds/kafka.ts";
import { redis } from "./kinds/redis.ts";
import { s3 } from "./kinds/s3.ts";
import type { Server, ServerKind, Surroundings } from "./server.ts";

const kinds: Readonly<Record<string, ServerKind>> = { kafka, cassandra, redis, s3 };

export const kindNames: readonly string[] = Object.keys(kinds);

const kindOf = (name: string): string => name.replace(/-\d+$/, "");

/** Whether a server is among those named; all are where nobody is named. */
export const isNamed = (server: string, names: readonly string[]): boolean =>
  names.length === 0 || names.includes(server) || names.includes(kindOf(server));

export function serversOf(surroundings: Surroundings, names: readonly string[]): Server[] {
  const all = Object.values(kinds).flatMap((kind) => kind(surroundings));
  checkNames(
    names,
    all.map((server) => server.name),
  );
  return all.filter((server) => isNamed(server.name, names));
}

export function checkNames(names: readonly string[], servers: readonly string[]): void {
  for (const name of names) {
    if (kindNames.includes(name) || servers.includes(name)) continue;
    const known = [...new Set([...kindNames, ...servers])].join(", ");
    throw new ServersFailure(`there is no server ${name}: take one of ${known}`);
  }
}

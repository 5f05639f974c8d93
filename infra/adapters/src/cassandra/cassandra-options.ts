// What it takes to reach a keyspace. A setting that cannot be right is `configuration`, with a line that
// names it as the configuration does (`cassandra.…`) and says how to mend it.
import type { ConnectionOptions } from "node:tls";
import { TandemError } from "@tandem/shared-logic";

export interface CassandraOptions {
  /** `host` or `host:port`; the port of the first is the whole cluster's (default 9042). */
  readonly contactPoints: readonly string[];
  /** The data center that is read and written; its replicas answer for every quorum. */
  readonly datacenter: string;
  readonly keyspace: string;
  readonly username?: string;
  readonly password?: string;
  /** Absent: plain TCP. Certificates are verified unless this says otherwise. */
  readonly tls?: ConnectionOptions;
  /** Limit of one request to the cluster (default 2,000 ms). */
  readonly requestMs?: number;
  /** So long without any answer, and contact points are looked up and connected to anew (default 15,000 ms). */
  readonly renewAfterMs?: number;
}

export const REQUEST_MS = 2_000;
export const RENEW_AFTER_MS = 15_000;
const DEFAULT_PORT = 9042;
/** What Cassandra takes without quotes, so that operators can type it. */
const KEYSPACE = /^[a-z][a-z0-9_]{0,47}$/;

export function wrongSetting(setting: string, message: string, cause?: unknown): TandemError {
  return new TandemError("configuration", {
    message: `cassandra.${setting}: ${message}`,
    details: { setting: `cassandra.${setting}` },
    cause,
  });
}

export function checkOptions(o: CassandraOptions): void {
  if (o.contactPoints.length === 0 || o.contactPoints.some((point) => point.trim() === "")) {
    throw wrongSetting("contactPoints", "is empty: give at least one host:port of the cluster");
  }
  if (o.datacenter === "") {
    throw wrongSetting("datacenter", "is empty: give the name that `nodetool status` shows");
  }
  if (!KEYSPACE.test(o.keyspace)) {
    throw wrongSetting(
      "keyspace",
      `"${o.keyspace}" is no name: use 1 to 48 of a-z, 0-9 and _, beginning with a letter`,
    );
  }
  if ((o.username === undefined) !== (o.password === undefined)) {
    throw wrongSetting("username", "and cassandra.password go together: give both or none");
  }
}

/** `host:port`, `[v6]:port` or `host`. */
export function portOf(contactPoint: string): number {
  const port = /^(?:\[[^\]]*\]|[^:]*):(\d+)$/.exec(contactPoint)?.[1];
  return port === undefined ? DEFAULT_PORT : Number(port);
}

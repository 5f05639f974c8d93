// How the driver is set up: fail within the request's limit, try another node at most once and only what
// may be repeated, and try again every second to reach a node that is down.
import { type DseClientOptions, policies, types } from "cassandra-driver";
import { type CassandraOptions, portOf, REQUEST_MS } from "./cassandra-options.ts";

const RECONNECT_MS = 1_000;
/** An idempotent request that has no answer after this is also sent to the next node. */
const SPECULATE_MS = 500;
/** So many requests without an answer, and a connection is given up for a new one. */
const DEFUNCT_AFTER = 64;
/** On a connection on which nothing is sent. */
const HEARTBEAT_MS = 10_000;

/** The driver asks for idempotent requests only, but for unavailable ones: there nothing was done. */
class OnceMore extends policies.retry.RetryPolicy {
  override onRequestError(info: Info, consistency: Consistency): policies.retry.DecisionInfo {
    return info.nbRetry > 0 ? this.rethrowResult() : this.retryResult(consistency, false);
  }
  override onWriteTimeout(info: Info, consistency: Consistency): policies.retry.DecisionInfo {
    return info.nbRetry > 0 ? this.rethrowResult() : this.retryResult(consistency, false);
  }
}
type Info = policies.retry.OperationInfo;
type Consistency = types.consistencies;

/** `contactPoints` is kept by the driver as it is (driver-client.ts). */
export function driverOptions(
  o: CassandraOptions,
  contactPoints: string[],
  keyspace?: string,
): DseClientOptions {
  const requestMs = o.requestMs ?? REQUEST_MS;
  const { username, password } = o;
  return {
    contactPoints,
    applicationName: "tandem",
    ...(keyspace === undefined ? {} : { keyspace }),
    ...(username === undefined || password === undefined
      ? {}
      : { credentials: { username, password } }),
    // The driver alone would accept any certificate.
    ...(o.tls === undefined ? {} : { sslOptions: { rejectUnauthorized: true, ...o.tls } }),
    protocolOptions: { port: portOf(o.contactPoints[0] ?? "") },
    socketOptions: {
      connectTimeout: requestMs,
      readTimeout: requestMs,
      defunctReadTimeoutThreshold: DEFUNCT_AFTER,
    },
    pooling: { heartBeatInterval: HEARTBEAT_MS },
    policies: {
      // Named here alone: named as `localDataCenter`, a wrong one would leave a connection open.
      loadBalancing: policies.defaultLoadBalancingPolicy(o.datacenter),
      reconnection: new policies.reconnection.ConstantReconnectionPolicy(RECONNECT_MS),
      retry: new OnceMore(),
      speculativeExecution: new policies.speculativeExecution.ConstantSpeculativeExecutionPolicy(
        SPECULATE_MS,
        1,
      ),
    },
    queryOptions: {
      prepare: true,
      consistency: types.consistencies.localQuorum,
      serialConsistency: types.consistencies.serial,
    },
    // Undefined parameters write nothing, where null would write a tombstone.
    encoding: { useUndefinedAsUnset: true },
    monitorReporting: { enabled: false },
  };
}

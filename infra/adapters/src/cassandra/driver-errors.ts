// What the driver throws, as the world failing where it is that; a bug stays what it is.

import { TandemError } from "@tandem/shared-logic";
import { errors, types } from "cassandra-driver";
import { type CassandraOptions, wrongSetting } from "./cassandra-options.ts";

const { responseErrorCodes: codes } = types;
/** Answers that say "not now": the same request may succeed later. */
const NOT_NOW: ReadonlySet<number> = new Set([
  codes.serverError,
  codes.unavailableException,
  codes.overloaded,
  codes.isBootstrapping,
  codes.truncateError,
  codes.writeTimeout,
  codes.readTimeout,
  codes.readFailure,
  codes.writeFailure,
  codes.unprepared,
  0x1700, // CAS_WRITE_UNKNOWN
]);
const REFUSED: ReadonlySet<number> = new Set([codes.badCredentials, codes.unauthorized]);
const NO_SCHEMA = /unconfigured table|(table|keyspace) \S+ does not exist/i;

export const unavailable = (message: string, cause?: unknown): TandemError =>
  new TandemError("store_unavailable", { message: `Cassandra: ${message}`, cause });

/** Of a request over an open session. */
export function translated(cause: unknown, o: CassandraOptions): unknown {
  if (!(cause instanceof Error) || cause instanceof TandemError) return cause;
  if (cause instanceof errors.AuthenticationError) return refused(cause);
  if (cause instanceof errors.ResponseError) {
    if (REFUSED.has(cause.code)) return refused(cause);
    if (NO_SCHEMA.test(cause.message)) return missingKeyspace(o, cause);
    return NOT_NOW.has(cause.code) ? unavailable(cause.message, cause) : cause;
  }
  if (cause instanceof errors.NoHostAvailableError) {
    const inner = innerErrors(cause);
    const auth = inner.find((e) => e instanceof errors.AuthenticationError);
    if (auth !== undefined) return refused(auth);
    return unavailable(`no node answers (${reasons(cause)})`, cause);
  }
  // The driver throws plain errors for lost connections, and these kinds for wrong calls.
  const bug =
    cause instanceof TypeError ||
    cause instanceof RangeError ||
    cause instanceof errors.ArgumentError ||
    cause instanceof errors.NotSupportedError;
  return bug ? cause : unavailable(cause.message, cause);
}

/** Whether a node said so, which is then there. */
export const isAnswer = (error: unknown): boolean => error instanceof errors.ResponseError;

/** Whether no node was up to be asked, so that nothing can have been done. */
export const nobodyAsked = (error: unknown): boolean =>
  error instanceof errors.NoHostAvailableError &&
  Object.values<unknown>(error.innerErrors ?? {}).every(
    (e) => !(e instanceof Error) || e.message === NO_CONNECTION,
  );
const NO_CONNECTION = "No connection available";

/** Of opening a session: a name that is wrong shows only here. */
export function openingError(cause: unknown, o: CassandraOptions): unknown {
  const points = o.contactPoints.join(", ");
  if (cause instanceof errors.ArgumentError && /datacenter|data center/i.test(cause.message)) {
    const found = /\[(.*)\]/.exec(cause.message)?.[1] ?? "others";
    const fix = `"${o.datacenter}" is no data center of this cluster; it has ${found}`;
    return wrongSetting("datacenter", fix, cause);
  }
  if (cause instanceof errors.NoHostAvailableError) {
    const inner = innerErrors(cause);
    if (inner.length === 0) {
      const fix = `no host of ${points} can be resolved: correct the name`;
      return wrongSetting("contactPoints", fix, cause);
    }
    if (inner.every((e) => "syscall" in e)) {
      const fix = `nothing listens at ${points} (${reasons(cause)}): start Cassandra there or correct the address`;
      return wrongSetting("contactPoints", fix, cause);
    }
  }
  return translated(cause, o);
}

const refused = (cause: Error): TandemError =>
  wrongSetting(
    "username",
    `or cassandra.password refused (${cause.message}): correct them, or grant the role its keyspace`,
    cause,
  );

export const missingKeyspace = (o: CassandraOptions, cause?: unknown): TandemError =>
  wrongSetting(
    "keyspace",
    `"${o.keyspace}" does not exist, or not all of its tables do: create it with "tandem setup", or name the one that does`,
    cause,
  );

const innerErrors = (error: errors.NoHostAvailableError): readonly Error[] =>
  Object.values<unknown>(error.innerErrors ?? {}).filter((e) => e instanceof Error);

function reasons(error: errors.NoHostAvailableError): string {
  const all = Object.entries<unknown>(error.innerErrors ?? {}).map(
    ([host, e]) => `${host}: ${e instanceof Error ? e.message : String(e)}`,
  );
  return all.length > 0 ? all.join("; ") : error.message;
}

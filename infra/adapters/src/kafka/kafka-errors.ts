// What the brokers' error codes mean for us (kafka.apache.org/protocol, "Error Codes"), and how a
// driver's error becomes the port's.
import { TandemError } from "@tandem/shared-logic";

export const CODE = {
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopic: 3,
  messageTooLarge: 10,
  recordListTooLarge: 18,
  topicNotAuthorized: 29,
  groupNotAuthorized: 30,
  clusterNotAuthorized: 31,
  invalidTimestamp: 32,
  unsupportedCompression: 76,
  outOfOrderSequence: 45,
  duplicateSequence: 46,
  invalidProducerEpoch: 47,
  unknownProducer: 59,
  invalidRecord: 87,
} as const;

/** The broker no longer knows this producer, or not this far: a new identity may send the batch again. */
export const NEEDS_NEW_IDENTITY: ReadonlySet<number> = new Set([
  CODE.outOfOrderSequence,
  CODE.duplicateSequence,
  CODE.invalidProducerEpoch,
  CODE.unknownProducer,
]);

const SETTING_TO_FIX = new Map<number, string>([
  [
    CODE.messageTooLarge,
    "the batch is larger than the topic's max.message.bytes; raise it, or lower maxBatchBytes",
  ],
  [
    CODE.recordListTooLarge,
    "the batch is larger than the topic's segment.bytes; raise it, or lower maxBatchBytes",
  ],
  [CODE.topicNotAuthorized, "the user may not use the topic; grant Read, Write and Describe on it"],
  [CODE.groupNotAuthorized, "the user may not use the group; grant Read on it"],
  [CODE.clusterNotAuthorized, "the user may not write idempotently; grant IdempotentWrite"],
  [CODE.invalidTimestamp, "the topic refuses the records' times; check its message.timestamp.*"],
  [CODE.invalidRecord, "the topic refuses the records; check that cleanup.policy is delete"],
  [CODE.unsupportedCompression, "the brokers do not know the compression; choose another"],
]);

/** Trying again does not help where somebody has to change a setting first. */
export const isFinal = (code: number): boolean => SETTING_TO_FIX.has(code);

export function errorOfCode(code: number, place: string): TandemError {
  const fix = SETTING_TO_FIX.get(code);
  return new TandemError(fix === undefined ? "log_unavailable" : "configuration", {
    message: `${place}: ${fix ?? `the broker answers with error ${code}`}.`,
    details: { place, kafkaCode: code },
  });
}

/** The protocol's name of a kafkajs error, such as UNKNOWN_MEMBER_ID, also of one in a list. */
export function typeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("errors" in error && Array.isArray(error.errors)) return typeOf(error.errors[0]);
  return "type" in error && typeof error.type === "string" ? error.type : undefined;
}

/** What the user calls the settings of a login. */
export interface LoginSettings {
  readonly mechanism: string;
  readonly username: string;
  readonly password: string;
}

/** A login that the broker refuses, with what to change; undefined where the error is another one. */
export function refusedLogin(
  error: unknown,
  place: string,
  { mechanism, username, password }: LoginSettings,
): TandemError | undefined {
  if (!(error instanceof Error)) return undefined;
  const type = typeOf(error);
  let fix: string | undefined;
  if (type === "ILLEGAL_SASL_STATE")
    fix = `it takes no login here; set ${mechanism} to none, or name brokers' addresses that take one`;
  else if (
    type === "UNSUPPORTED_SASL_MECHANISM" ||
    /mechanism is not supported/.test(error.message)
  )
    fix = `it does not know this way to log in; set ${mechanism} to one that it has`;
  else if (error.name === "KafkaJSSASLAuthenticationError")
    fix = `it refuses the login; check ${username}, ${password} and ${mechanism}`;
  if (fix === undefined) return undefined;
  return new TandemError("configuration", {
    message: `${place}: ${fix}.`,
    details: { place, setting: mechanism },
    cause: error,
  });
}

/** A driver's error as the port's; one of ours and a bug stay what they are. */
export function asUnavailable(error: unknown, place: string): Error {
  if (error instanceof TandemError || error instanceof RangeError || error instanceof TypeError) {
    return error;
  }
  const cause = error instanceof Error ? error.message : String(error);
  const type = typeOf(error);
  const refused = type !== undefined && /AUTHENTICATION|AUTHORIZATION|SASL/.test(type);
  return new TandemError(refused ? "configuration" : "log_unavailable", {
    message: `${place}: ${cause}`,
    details: { place, kafka: type },
    cause: error,
  });
}

// What an error of the Redis client means: the server is not there for now, a setting is wrong, or it is
// a bug of ours. Messages name settings and places, never secrets.
import { TandemError } from "@tandem/shared-logic";
import { placeOf } from "./bull-options.ts";

const CONNECTION =
  /ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|Connection is closed|Stream isn't writeable|Socket timeout|Command timed out|max retries per request|Socket closed/i;
const NOT_NOW = /^(LOADING|READONLY|OOM|MISCONF|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|NOREPLICAS)\b/;
const PASSWORD = /^(NOAUTH|WRONGPASS|ERR invalid password|ERR AUTH)/;

const messageOf = (error: unknown): string =>
  error instanceof Error
    ? `${(error as { code?: string }).code ?? ""} ${error.message}`.trim()
    : `${error}`;

export const isConnectionFailure = (error: unknown): boolean => CONNECTION.test(messageOf(error));

/** The same error where it is no failure of the world. */
export function redisFailure(error: unknown, what: string, url: string): unknown {
  if (error instanceof TandemError) return error;
  const message = messageOf(error);
  const reply = error instanceof Error ? error.message : "";
  if (PASSWORD.test(reply)) {
    return settingError("redis.password", `${placeOf(url)} refuses it: correct user and password.`);
  }
  if (/^NOPERM/.test(reply)) {
    return settingError("redis.username", `This user may not use ${placeOf(url)}: ${reply}`);
  }
  if (/ENOTFOUND/.test(message)) {
    return settingError("redis.url", `The host of ${placeOf(url)} is not known: correct it.`);
  }
  if (/Protocol error|Unknown RESP type|EPROTO|ERR_SSL|wrong version number/i.test(message)) {
    return settingError("redis.url", `What answers at ${placeOf(url)} is not a Redis: correct it.`);
  }
  if (/DB index is out of range|invalid DB index/i.test(reply)) {
    return settingError("redis.url", `${placeOf(url)} has no such database: correct the number.`);
  }
  if (CONNECTION.test(message) || NOT_NOW.test(reply)) return unavailable(what, url, message);
  return error;
}

export function unavailable(what: string, url: string, reason: string): TandemError {
  return new TandemError("queue_unavailable", {
    message: `${what} failed at ${placeOf(url)}: ${reason}`,
    details: { at: placeOf(url) },
  });
}

export function settingError(setting: string, fix: string): TandemError {
  return new TandemError("configuration", {
    message: `${setting}: ${fix}`,
    details: { setting },
  });
}

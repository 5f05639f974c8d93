import assert from "node:assert/strict";
import { isAbsolute } from "node:path";
import { test } from "node:test";
import { ServersFailure } from "../src/failure.ts";
import { defaultPorts, PREFIX, readSettings, settingsTable } from "../src/settings.ts";

const refused = (env: Record<string, string>, message: RegExp): void =>
  assert.throws(
    () => readSettings(env),
    (error) => error instanceof ServersFailure && message.test(error.message),
  );

test("nothing set: folders beside the sources, nothing asked for", () => {
  const settings = readSettings({ HOME: "/root", REDIS_PORT: "tcp://10.0.0.1:6379" });
  assert.match(settings.data, /infra\/servers\/\.servers\/data$/);
  assert.match(settings.cache, /infra\/servers\/\.servers\/cache$/);
  assert.deepEqual(
    Object.values(settings.ports),
    Object.values(defaultPorts).map(() => undefined),
  );
  assert.equal(settings.brokers, undefined);
  assert.equal(settings.startTimeoutMs, 120_000);
});

test("an empty variable is an unset one, a relative folder becomes absolute", () => {
  const settings = readSettings({ [`${PREFIX}S3_PORT`]: "", [`${PREFIX}DATA`]: "somewhere" });
  assert.equal(settings.ports.S3_PORT, undefined);
  assert.ok(isAbsolute(settings.data));
});

test("a port of 0 is asked for", () =>
  assert.equal(readSettings({ [`${PREFIX}S3_PORT`]: "0" }).ports.S3_PORT, 0));

test("each variable of the table is known, one that is not in it is refused by name", () => {
  for (const [name] of settingsTable) {
    const wrong = readSettingsOr(`${PREFIX}${name}`);
    assert.doesNotMatch(wrong, /is no setting/);
  }
  refused({ [`${PREFIX}REDISPORT`]: "1" }, /^TANDEM_SERVERS_REDISPORT is no setting.*REDIS_PORT/);
});

const readSettingsOr = (name: string): string => {
  try {
    readSettings({ [name]: "\u0000" });
    return "";
  } catch (error) {
    return String(error);
  }
};

for (const [name, value] of [
  ["REDIS_PORT", "x"],
  ["REDIS_PORT", "-1"],
  ["REDIS_PORT", "65536"],
  ["KAFKA_PORT", "65534"],
  ["KAFKA_BROKERS", "2"],
  ["KAFKA_HEAP", "512"],
  ["CASSANDRA_HEAP", "lots"],
  ["START_TIMEOUT_S", "0"],
  ["S3_ACCESS_KEY", "with space"],
  ["S3_SECRET_KEY", "short"],
] as const) {
  test(`${name}=${value} is refused`, () =>
    refused({ [`${PREFIX}${name}`]: value }, new RegExp(`^${PREFIX}${name} `)));
}

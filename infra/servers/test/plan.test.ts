import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { foldersOf, makeFolders } from "../src/folders.ts";
import { makePlan, readPlan, writePlan } from "../src/plan.ts";
import { identify } from "../src/process/identity.ts";
import { writePidFile } from "../src/process/pid-file.ts";
import { PREFIX, readSettings } from "../src/settings.ts";
import { tempFolder } from "./temp-folder.ts";

function site(t: TestContext) {
  const data = join(tempFolder(t), "data");
  const folders = foldersOf(data);
  makeFolders(folders);
  const settings = (values: Record<string, string>) =>
    readSettings(Object.fromEntries(Object.entries(values).map(([k, v]) => [`${PREFIX}${k}`, v])));
  const plan = (values: Record<string, string>) => makePlan(settings(values), folders);
  const runs = (name: string): void => {
    const self = identify(process.pid);
    assert.ok(self);
    writePidFile(folders.run, name, self);
  };
  return { folders, plan, runs };
}

test("defaults: one broker, ports in a row for three", async (t) => {
  const { plan } = site(t);
  const one = await plan({});
  assert.equal(one.brokers, 1);
  assert.equal(one.ports["kafka-1"], 24092);
  assert.equal(one.ports["kafka-2"], undefined);
  const three = await plan({ KAFKA_BROKERS: "3", KAFKA_PORT: "9092" });
  assert.deepEqual(
    [1, 2, 3].map((n) => three.ports[`kafka-${n}`]),
    [9092, 9093, 9094],
  );
});

test("the folder remembers what was planned; what is asked for comes first", async (t) => {
  const { folders, plan } = site(t);
  const first = await plan({ REDIS_PORT: "0", S3_SECRET_KEY: "long-enough" });
  writePlan(folders, first);
  assert.deepEqual(readPlan(folders), first);
  assert.deepEqual(await plan({}), first);
  assert.deepEqual(await plan({ REDIS_PORT: "0" }), first, "0 keeps the port that was drawn");
  assert.equal((await plan({ REDIS_PORT: "7000" })).ports["redis"], 7000);
  assert.equal(statSync(join(folders.run, "plan.json")).mode & 0o77, 0, "it holds keys");
});

test("two servers on one port are refused with the setting", async (t) => {
  const { plan } = site(t);
  await assert.rejects(plan({ S3_PORT: "24379" }), /TANDEM_SERVERS_S3_PORT/);
  await assert.rejects(plan({ KAFKA_BROKERS: "3", REDIS_PORT: "24094" }), /24094/);
});

test("a running server does not change; the others may", async (t) => {
  const { folders, plan, runs } = site(t);
  writePlan(folders, await plan({}));
  runs("redis");
  await assert.rejects(plan({ REDIS_PORT: "7000" }), /redis runs with port 24379.*REDIS_PORT/);
  assert.equal((await plan({ S3_PORT: "7000", S3_SECRET_KEY: "another-one" })).ports["s3"], 7000);
  runs("s3");
  await assert.rejects(plan({ S3_SECRET_KEY: "another-one" }), (error: Error) => {
    assert.match(error.message, /S3_SECRET_KEY/);
    assert.doesNotMatch(error.message, /another-one/);
    return true;
  });
  runs("kafka-1");
  await assert.rejects(plan({ KAFKA_BROKERS: "3" }), /kafka runs with 1 broker/);
});

// Configuration: what overrules what, what is refused and how, and that no secret is ever printed.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TandemError } from "@tandem/shared-logic";
import { configurationPage } from "../../src/stack/configuration-page.ts";
import { type ConfigInputs, loadConfig } from "../../src/stack/load-config.ts";
import { SETTINGS } from "../../src/stack/setting-list.ts";
import { configValue, showConfig } from "../../src/stack/show-config.ts";
import { freshFolder } from "../fresh-folder.ts";

function refused(inputs: Partial<ConfigInputs>): string {
  try {
    loadConfig({ env: {}, ...inputs });
  } catch (error) {
    assert.ok(error instanceof TandemError && error.code === "configuration", String(error));
    assert.ok(!error.message.includes("\n"), "one line");
    return error.message;
  }
  return assert.fail("nothing was refused");
}

function fileOf(text: string): string {
  const file = join(freshFolder(), "tandem.json");
  writeFileSync(file, text);
  return file;
}

test("the defaults stand without any input, and every setting says what it is", () => {
  const { config, sources } = loadConfig({ env: {} });
  for (const s of SETTINGS) {
    assert.deepEqual(configValue(config, s.path), s.fallback, s.path);
    assert.equal(sources.get(s.path), "default");
    assert.match(s.about, /\.$/, s.path);
    if (/(Ms|Bytes)$/.test(s.path)) assert.ok(s.unit, `${s.path} has no unit`);
  }
});

test("command line over environment over file over default", () => {
  const file = fileOf('{"kafka":{"brokers":["f:1"],"clientId":"f"},"dataDir":"f","tenant":"f"}');
  const env = {
    TANDEM_KAFKA_CLIENT_ID: "e",
    TANDEM_DATA_DIR: "e",
    TANDEM_CONFIG: file,
    HOME: "/x",
  };
  const { config, sources } = loadConfig({ env, given: { dataDir: "c", tenant: undefined } });
  assert.deepEqual(config.kafka.brokers, ["f:1"]);
  assert.deepEqual([config.kafka.clientId, config.dataDir, config.tenant], ["e", "c", "f"]);
  assert.deepEqual(
    ["kafka.brokers", "kafka.clientId", "dataDir", "tenant", "s3.bucket"].map((p) =>
      sources.get(p),
    ),
    ["file", "environment", "command line", "file", "default"],
  );
});

test("text from the environment becomes what the schema wants", () => {
  const { config } = loadConfig({
    env: {
      TANDEM_KAFKA_BROKERS: "a:1, b:2",
      TANDEM_SPOOL_ENABLED: "false",
      TANDEM_SPEED_FLUSH_MS: "250",
      TANDEM_PROCESSES_COLLECTOR_PORTS: "8080,8081",
      TANDEM_S3_ENDPOINT: "",
    },
  });
  assert.deepEqual(config.kafka.brokers, ["a:1", "b:2"]);
  assert.deepEqual(config.processes.collectorPorts, [8080, 8081]);
  assert.deepEqual([config.spool.enabled, config.speed.flushMs], [false, 250]);
  assert.equal(config.s3.endpoint, undefined);
});

test("unknown names are refused with the nearest known one", () => {
  assert.match(
    refused({ env: { TANDEM_KAFKA_BROKER: "x" } }),
    /TANDEM_KAFKA_BROKER is no setting; did you mean TANDEM_KAFKA_BROKERS\?/,
  );
  const inFile = (text: string) => refused({ file: fileOf(text) });
  assert.match(inFile('{"kafak":{}}'), /kafak is no setting; did you mean kafka/);
  assert.match(
    inFile('{"s3":{"acessKey":"x"}}'),
    /s3\.acessKey is no setting; did you mean s3\.accessKey\?/,
  );
  assert.match(inFile('{"s3":1}'), /s3 is an object of settings/);
  assert.match(inFile("[]"), /expected an object/);
});

test("values that cannot be are refused with setting, source and what it must be", () => {
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [
      { TANDEM_STACK: "cloud" },
      /^TANDEM_STACK \(stack\) from the environment: expected one of embedded, real, got "cloud"$/,
    ],
    [{ TANDEM_COLLECTOR_PORT: "80a" }, /TANDEM_COLLECTOR_PORT .*expected number.*got "80a"/],
    [
      { TANDEM_COLLECTOR_PORT: "65536" },
      /TANDEM_COLLECTOR_PORT .*expected number to be <=65535, got 65536/,
    ],
    [{ TANDEM_SPOOL_ENABLED: "yes" }, /expected true or false, got "yes"/],
    [{ TANDEM_KAFKA_BROKERS: "a:1,,b" }, /TANDEM_KAFKA_BROKERS .*expected host or host:port/],
  ];
  for (const [env, expected] of cases) assert.match(refused({ env }), expected);
  assert.match(
    refused({ file: "/nowhere/x.json" }),
    /--config \/nowhere\/x\.json: the file cannot be read/,
  );
  assert.match(
    refused({ file: fileOf('{"dataset":{"partitions":"4"}}') }),
    /dataset\.partitions \(TANDEM_DATASET_PARTITIONS\) from the file: expected number/,
  );
});

test("no secret is printed: not by a refusal, not by show", () => {
  const secrets = SETTINGS.filter((s) => s.secret);
  assert.ok(secrets.length >= 5);
  for (const s of SETTINGS)
    assert.equal(/password|secret|accessKey/i.test(s.path), s.secret ?? false, s.path);
  const env = Object.fromEntries(secrets.map((s) => [s.env, "hunter2"]));
  const shown = showConfig(loadConfig({ env }));
  assert.ok(!shown.includes("hunter2"));
  assert.match(shown, /^s3\.secretKey = "?\*\*\*"? {2}# environment$/m);
  for (const s of secrets) {
    const json = JSON.stringify({
      [s.path.split(".")[0] ?? ""]: { [s.path.split(".")[1] ?? ""]: ["hunter2"] },
    });
    const line = refused({ file: fileOf(json) });
    assert.ok(!line.includes("hunter2") && line.includes(s.path), line);
  }
  assert.ok(!refused({ file: fileOf('{"s3":{"secretKey":hunter2}}') }).includes("hunter2"));
  const url = { TANDEM_REDIS_URL: "redis://me:hunter2@127.0.0.1" };
  assert.match(refused({ env: url }), /TANDEM_REDIS_URL .*no user or password.*got \*\*\*$/);
});

test("docs/configuration.md is what the schema says", () => {
  const page = readFileSync(new URL("../../../../docs/configuration.md", import.meta.url), "utf8");
  assert.equal(page, configurationPage(), "run `npx tandem config page > docs/configuration.md`");
});

test("rules of one dataset: an object in the file, JSON in the environment, refused by its part", () => {
  const rules = { heartbeats: { rawDays: 30, downsampleTypes: ["ping"] } };
  const text = JSON.stringify(rules);
  const inFile = loadConfig({ env: {}, file: fileOf(`{"retention":{"datasets":${text}}}`) });
  const inEnv = loadConfig({ env: { TANDEM_RETENTION_DATASETS: text } });
  for (const { config } of [inFile, inEnv]) assert.deepEqual(config.retention.datasets, rules);
  assert.match(showConfig(inEnv), /^retention\.datasets = \{"heartbeats".*# environment$/m);
  const refusedOf = (json: string): string => refused({ env: { TANDEM_RETENTION_DATASETS: json } });
  assert.match(
    refusedOf('{"heartbeats":{"rawDays":0}}'),
    /TANDEM_RETENTION_DATASETS \(retention\.datasets\.heartbeats\.rawDays\) from the environment: expected number to be >=1/,
  );
  assert.match(refusedOf('{"heartbeats":{"rowDays":3}}'), /rowDays/);
  assert.match(refusedOf('{"heartbeats":'), /expected record/);
});

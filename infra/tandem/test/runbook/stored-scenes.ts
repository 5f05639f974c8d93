// Situations of what is stored and of the processes over it: the command heals them on an embedded directory.
import assert from "node:assert/strict";
import { existsSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FileEventLog } from "@tandem/adapters/embedded";
import { COLLECTOR_LIMITS, collectorCounters, createAcceptor } from "@tandem/ingest";
import {
  ColumnScanner,
  fieldsOf,
  type RepairsRow,
  repairsKey,
  seededRandom,
} from "@tandem/shared-logic";
import { SpeedWorker } from "@tandem/speed-layer";
import { faultyLog } from "../reconcile/faulty-log.ts";
import { DAY, eventLine, events, type Installation, NEXT } from "./installation.ts";
import type { Ground } from "./run-page.ts";

export type Scene = (site: Installation) => Promise<Ground>;
const typing = (site: Installation): Pick<Ground, "tandem"> => ({
  tandem: (argv) => site.tandem(argv),
});

function running(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A process of the kind was killed, and events came since. */
const killed =
  (kind: "speed" | "archive"): Scene =>
  async (site) => {
    const { operations } = await site.configure({ [kind]: 1 });
    await site.load(events(0, 3));
    const started = await site.tandem(["processes", "start"]);
    assert.equal(started.code, 0, started.text);
    const pid = Number(/ready \((\d+)\)/.exec(started.text)?.[1]);
    process.kill(pid, "SIGKILL");
    while (running(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
    await site.load(events(3, kind === "archive" ? 37 : 3));
    return { values: { OPS: operations }, ...typing(site) };
  };

/** The log gave up its oldest records; the speed layer had them, the archive not. */
const lostRange: Scene = async (site) => {
  await site.configure();
  await site.load(events(0, 1));
  const folder = join(site.dataDir, "log");
  const log = await FileEventLog.open(folder, { segmentBytes: 400 });
  await site.inside(async (tandem) => {
    const acceptor = createAcceptor({
      ...{ ...tandem.ports, log, dataset: tandem.dataset.dataset },
      ...{ limits: COLLECTOR_LIMITS, counters: collectorCounters() },
    });
    for (let i = 1; i < 10; i++)
      await acceptor.accept({ body: Buffer.from(eventLine(i)), tenant: "default", mode: "import" });
  });
  await log.close();
  await site.inside((tandem) => tandem.catchUp());
  const segments = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /0\d+\.\w+$/.test(name))
    .sort();
  assert.ok(segments.length > 3, segments.join());
  for (const old of segments.slice(0, 2)) rmSync(join(folder, old));
  return { values: {}, ...typing(site) };
};

/** A client sends a field of the wrong type. */
const dropRate: Scene = async (site) => {
  await site.configure();
  const { operations, url, running } = await site.owner(["collect", "speed", "archive", "serve"]);
  const made = await site.tandem(["keys", "create"]);
  const key = /tdm_\S+/.exec(made.text)?.[0] ?? "";
  const bad = eventLine(2).replace(/"timestamp":"[^"]*"/, '"timestamp":"yesterday"');
  const sent = await fetch(`${url}/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
    body: `${events(0, 2)}\n${bad}`,
  });
  assert.match(await sent.text(), /"rejected":1/);
  const [letter] = await running.tandem.ports.deadLetters.list({ limit: 1 });
  const patch = JSON.stringify({ timestamp: `${DAY}T10:30:00Z` });
  const values = { OPS: operations, ID: letter?.id ?? "", PATCH: patch };
  return {
    values: { ...values, METRIC: "purchases", COUNT: "3", DAY, NEXT },
    ...typing(site),
  };
};

/** Somebody else writes to the log. */
const deadLetters: Scene = async (site) => {
  await site.configure();
  await site.load(events(0, 3));
  const { operations, running } = await site.owner(["speed", "archive"]);
  const { log } = running.tandem.ports;
  const value = Buffer.from("what is this");
  await log.append("events", [{ partition: 0, key: new Uint8Array(0), value }]);
  return { values: { OPS: operations }, ...typing(site) };
};

/** The folder of rejected events is a file. */
const deadLettersLost: Scene = async (site) => {
  await site.configure();
  const { operations, url } = await site.owner(["collect"]);
  const made = await site.tandem(["keys", "create"]);
  const key = /tdm_\S+/.exec(made.text)?.[0] ?? "";
  const folder = join(site.dataDir, "dead-letters");
  if (existsSync(folder)) rmSync(folder, { recursive: true });
  writeFileSync(folder, "");
  await fetch(`${url}/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
    body: "not an event either",
  });
  const page = await (await fetch(`http://${operations}/metrics`)).text();
  assert.match(page, /^dead_letters_lost_total 1$/m);
  const API = url.replace("http://", "");
  return { values: { OPS: operations, API, KEY: key, DIR: site.dataDir }, ...typing(site) };
};

/** A day long past without runs. */
const dayUnsealed: Scene = async (site) => {
  await site.configure();
  await site.load(events(0, 3));
  return { values: { METRIC: "purchases", DAY, NEXT }, ...typing(site) };
};

/** A speed worker that drops one record in ten. */
const unreconciled: Scene = async (site) => {
  await site.configure();
  await site.load(events(0, 1));
  const lines = events(1, 300);
  await site.inside(async (tandem) => {
    const acceptor = createAcceptor({
      ...{ ...tandem.ports, dataset: tandem.dataset.dataset },
      ...{ limits: COLLECTOR_LIMITS, counters: collectorCounters() },
    });
    await acceptor.accept({ body: Buffer.from(lines), tenant: "default", mode: "import" });
    const [log] = faultyLog(tandem.ports.log, seededRandom(1), { drop: 0.1 });
    const fields = [...new Set(["tenant", ...tandem.metrics.flatMap(fieldsOf)])];
    const place = { dataset: tandem.dataset.dataset, partition: 0, owner: "faulty" };
    const ports = { ...tandem.ports, log };
    const worker = new SpeedWorker(ports, place, tandem.metrics, new ColumnScanner(fields));
    await worker.open();
    await worker.catchUp();
    await worker.checkpoint();
  });
  const sealed = await site.tandem(["batch", "run"]);
  assert.match(sealed.text, /speed differed in .*purchases/);
  // From here on the worker is right.
  const others = async (): Promise<void> => {
    await site.load(events(500, 50, NEXT));
    await site.tandem(["batch", "run"]);
  };
  return { values: { METRIC: "purchases", DAY, NEXT }, others, ...typing(site) };
};

/** The folder of checkpoints is a file. */
const checkpointOld: Scene = async (site) => {
  await site.configure();
  await site.load(events(0, 3));
  const { operations } = await site.owner(["speed"]);
  const folder = join(site.dataDir, "checkpoints");
  if (existsSync(folder)) renameSync(folder, `${folder}.gone`);
  writeFileSync(folder, "");
  await new Promise((resolve) => setTimeout(resolve, 700));
  return { values: { OPS: operations, DIR: site.dataDir }, ...typing(site) };
};

/** Objects were cut short, the states made of them removed, and a late event came. */
const batchFailing: Scene = async (site) => {
  await site.configure();
  await site.load(events(0, 30));
  assert.equal((await site.tandem(["batch", "run"])).code, 0);
  const folder = join(site.dataDir, "objects");
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    if (name.endsWith(".parquet")) truncateSync(join(folder, name), 10);
  rmSync(join(folder, "states"), { recursive: true });
  await site.load(events(30, 1));
  const failed = await site.tandem(["batch", "run"]);
  assert.equal(failed.code, 4, failed.text);
  return { values: {}, ...typing(site) };
};

/** A repair was killed before it said that it was done. */
const retentionFailing: Scene = async (site) => {
  await site.configure();
  await site.load(events(0, 30));
  assert.equal((await site.tandem(["batch", "run"])).code, 0);
  await site.inside(async ({ ports, dataset: { dataset } }) => {
    const row: RepairsRow = { repairs: [], done: false };
    assert.ok(await ports.views.cas(repairsKey(dataset), 0, JSON.stringify(row)));
  });
  return { values: {}, ...typing(site) };
};

/** A table of the view store is not there. */
const queryErrors: Scene = async (site) => {
  await site.configure();
  await site.load(events(0, 3));
  const { operations, url } = await site.owner(["serve"]);
  const made = await site.tandem(["keys", "create"]);
  const db = new DatabaseSync(join(site.dataDir, "views.sqlite"));
  site.atEnd(async () => db.close());
  db.exec("ALTER TABLE position RENAME TO position_gone");
  const key = /tdm_\S+/.exec(made.text)?.[0] ?? "";
  const values = { OPS: operations, API: url.replace("http://", ""), KEY: key };
  const others = async (): Promise<void> => {
    db.exec("ALTER TABLE position_gone RENAME TO position");
  };
  return { values: { ...values, METRIC: "purchases", DAY, NEXT }, others, ...typing(site) };
};

export const STORED_SCENES: Readonly<Record<string, Scene>> = {
  ConsumerLag: killed("speed"),
  ProcessDown: killed("speed"),
  LostRange: lostRange,
  ArchiveLag: killed("archive"),
  DropRate: dropRate,
  DeadLetters: deadLetters,
  DeadLettersLost: deadLettersLost,
  DayUnsealed: dayUnsealed,
  Unreconciled: unreconciled,
  CheckpointOld: checkpointOld,
  BatchFailing: batchFailing,
  RetentionFailing: retentionFailing,
  QueryErrors: queryErrors,
};

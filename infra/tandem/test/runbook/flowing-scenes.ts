// Situations of what flows: logs that do not take events, spools, copies, a foreign topic. The real collectors,
// spools, bridges and workers, over logs that can be away.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FileEventLog, keyMaking, sha256KeyHash, systemClock } from "@tandem/adapters/embedded";
import {
  HandClock,
  MemoryCheckpointStore,
  MemoryEventLog,
  MemoryViewStore,
  memoryDeadLetters,
} from "@tandem/adapters/memory";
import { reportNotifications } from "@tandem/adapters/stack";
import {
  Bridge,
  bridgeCounters,
  createCollector,
  listen,
  reportBridge,
  reportCollector,
  reportSpool,
  SpooledLog,
} from "@tandem/ingest";
import {
  ColumnScanner,
  catalogue,
  createKey,
  type EventLog,
  fieldsOf,
  ledgerKeyStore,
  TandemError,
} from "@tandem/shared-logic";
import { reportSpeed, SpeedWorker } from "@tandem/speed-layer";
import { listeners, TROUBLES } from "../notifications/listeners.ts";
import { DATASET, Stage } from "../stories/stage.ts";
import { DAY, eventLine, events, type Installation, NEXT } from "./installation.ts";
import { operationsOf } from "./operations.ts";
import type { Ground } from "./run-page.ts";
import type { Scene } from "./stored-scenes.ts";

const utf8 = new TextEncoder();
const typing = (site: Installation): Pick<Ground, "tandem"> => ({
  tandem: (argv) => site.tandem(argv),
});

/** A collector before a log that is away, with a spool on disk or without. */
async function collecting(site: Installation, spooled: boolean): Promise<Ground> {
  await site.configure();
  const { telemetry, operations } = await operationsOf(site);
  const clock = systemClock();
  const log = new MemoryEventLog(clock);
  await log.create(DATASET, 1);
  let away = true;
  const append: EventLog["append"] = async (dataset, records) => {
    if (away) throw new TandemError("log_unavailable");
    return log.append(dataset, records);
  };
  const partitions = (dataset: string): Promise<number> => log.partitions(dataset);
  let sink: Parameters<typeof createCollector>[0]["log"] = { append, partitions };
  if (spooled) {
    const folder = mkdtempSync(join(site.folder, "spool-"));
    const spool = await FileEventLog.open(folder);
    const limits = { maxBytes: 100_000, primaryMs: 200, retryMs: 50 };
    const parts = { spool, dataset: DATASET, partitions: 1, clock, limits };
    const own = await SpooledLog.open({ primary: { append }, ...parts });
    site.atEnd(async () => {
      await own.close();
      await spool.close();
    });
    reportSpool(telemetry, clock, own);
    sink = { append: (dataset, records) => own.append(dataset, records), partitions };
  }
  const keys = ledgerKeyStore(new MemoryViewStore());
  const { presented } = await createKey(
    keys,
    keyMaking,
    { tenant: "shop", scopes: ["write"] },
    clock.now(),
  );
  const quiet = { error: () => undefined, warn: () => undefined };
  const collector = createCollector({
    ...{ log: sink, dataset: DATASET, keys, hash: sha256KeyHash, clock, logger: quiet },
    deadLetters: memoryDeadLetters(clock),
  });
  reportCollector(telemetry, collector);
  const listening = await listen(collector.handle);
  site.atEnd(async () => {
    await listening.close(0);
    await collector.close();
  });
  const sent = await fetch(`${listening.url}/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${presented}`, "content-type": "application/x-ndjson" },
    body: events(0, 3),
  });
  assert.equal(sent.status, spooled ? 202 : 503);
  const page = await telemetry.text();
  assert.match(page, spooled ? /^spool_records 3$/m : /^events_retry_total 3$/m);
  const FILE = join(site.folder, "one.ndjson");
  writeFileSync(FILE, eventLine(9));
  const API = listening.url.replace("http://", "");
  return {
    values: { OPS: operations, API, KEY: presented, FILE, DIR: site.dataDir },
    others: async () => {
      away = false;
    },
    ...typing(site),
  };
}

const notificationsDropped: Scene = async (site) => {
  await site.configure();
  const { telemetry, operations } = await operationsOf(site);
  const clock = new HandClock(systemClock().now());
  const { log, notifications } = await listeners(clock, 100);
  reportNotifications(telemetry, notifications);
  const append = log.append;
  log.append = TROUBLES["refuses"] ?? append;
  for (let i = 0; i < 9; i++)
    notifications.publish("late_events", new Uint8Array(4), new Uint8Array(40));
  assert.match(await telemetry.text(), /kind="late_events"} [1-9]/);
  const others = async (): Promise<void> => {
    log.append = append;
    await clock.advance(5000);
    notifications.publish("late_events", new Uint8Array(4), new Uint8Array(40));
  };
  return { values: { OPS: operations }, others, ...typing(site) };
};

const cellUpdatesSkipped: Scene = async (site) => {
  await site.configure();
  const { telemetry, operations } = await operationsOf(site);
  const stage = await Stage.at(`${DAY}T23:59:00Z`, catalogue);
  const { notifications } = await listeners(stage.clock);
  const worker = new SpeedWorker(
    { ...stage.ports, notifications, telemetry },
    { dataset: DATASET, partition: 0, owner: "w" },
    catalogue,
    new ColumnScanner(["event_id", ...new Set(catalogue.flatMap(fieldsOf))]),
  );
  await worker.open();
  const told = Array.from({ length: 400 }, (_, i) => ({
    ...{ id: `e${i}`, type: `type-${i % 40}`, user: `u${i}` },
    at: `${DAY}T${String(i % 23).padStart(2, "0")}:15:00Z`,
  }));
  await stage.send(...told);
  await worker.catchUp();
  reportSpeed(telemetry, { ...stage.ports, dataset: DATASET, workers: () => [worker] });
  assert.match(await telemetry.text(), /^cell_updates_skipped_total [1-9]/m);
  return { values: { OPS: operations }, ...typing(site) };
};

/** A foreign topic of three events, and a bridge; `lost` of them its retention removed first. */
async function bridging(site: Installation, lost: number): Promise<Ground> {
  await site.configure();
  const { telemetry, operations } = await operationsOf(site);
  const clock = new HandClock(systemClock().now());
  const [source, log] = [new MemoryEventLog(clock), new MemoryEventLog(clock)];
  const topic = "shop.orders";
  await source.create(topic, 1);
  await log.create(DATASET, 1);
  const counters = bridgeCounters();
  const checkpoints = new MemoryCheckpointStore();
  const opened = (): Bridge =>
    new Bridge({
      ...{
        source,
        topic,
        partition: 0,
        group: "g",
        log,
        dataset: DATASET,
        partitions: 1,
        counters,
      },
      ...{ tenant: "shop", mode: "live", checkpoints, clock },
      deadLetters: memoryDeadLetters(clock),
    });
  let bridge = opened();
  reportBridge(telemetry, { source, topic, counters, bridges: () => new Map([[0, bridge]]) });
  const put = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const value = utf8.encode(eventLine(i));
      await source.append(topic, [{ partition: 0, key: new Uint8Array(0), value }]);
    }
  };
  await put(1);
  await bridge.step();
  await put(3);
  if (lost > 0) {
    await source.dropBelow(topic, 0, 1 + lost);
    bridge = opened();
    while (await bridge.step());
    assert.match(await telemetry.text(), /^bridge_lost_records_total [1-9]/m);
  } else assert.match(await telemetry.text(), /^bridge_lag_records{partition="0"} 3$/m);
  const FILE = join(site.folder, "again.ndjson");
  writeFileSync(FILE, events(0, 3));
  site.atEnd(async () => rmSync(FILE));
  return {
    values: { OPS: operations, FILE, METRIC: "purchases", COUNT: "3", DAY, NEXT },
    others: async () => {
      while (await bridge.step());
    },
    ...typing(site),
  };
}

export const FLOWING_SCENES: Readonly<Record<string, Scene>> = {
  EventsRefused: (site) => collecting(site, false),
  SpoolFilling: (site) => collecting(site, true),
  SpoolStuck: (site) => collecting(site, true),
  NotificationsDropped: notificationsDropped,
  CellUpdatesSkipped: cellUpdatesSkipped,
  BridgeLag: (site) => bridging(site, 0),
  BridgeLost: (site) => bridging(site, 2),
};

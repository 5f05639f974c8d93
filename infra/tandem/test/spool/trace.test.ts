// A request's trace follows its first record: through the spool of a log that was away, through the file log, to
// the moment when the speed worker has it in the views.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { FileEventLog, systemClock } from "@tandem/adapters/embedded";
import { COLLECTOR_LIMITS, collectorCounters, createAcceptor, SpooledLog } from "@tandem/ingest";
import { TandemError, type TracedRecord } from "@tandem/shared-logic";
import { Tandem } from "../../src/tandem.ts";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

test("a trace goes from the request through spool and log to the views", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "tandem-trace-"));
  const seen: TracedRecord[] = [];
  const clock = systemClock();
  const tandem = await Tandem.open({
    dataDir: join(dataDir, "data"),
    clock,
    threads: 0,
    onVisible: (traces) => seen.push(...traces),
  });
  const spool = await FileEventLog.open(join(dataDir, "spool"));
  let away = true;
  const { dataset } = tandem.dataset;
  const log = await SpooledLog.open({
    primary: {
      append: async (name, records) => {
        if (away) throw new TandemError("log_unavailable", { message: "away" });
        return tandem.ports.log.append(name, records);
      },
    },
    spool,
    dataset,
    partitions: tandem.dataset.genesis.length,
    clock,
    limits: { retryMs: 5, longestRetryMs: 5 },
  });
  try {
    await tandem.openWorkers();
    const acceptor = createAcceptor({
      ...tandem.ports,
      log,
      dataset,
      limits: COLLECTOR_LIMITS,
      counters: collectorCounters(),
    });
    const event = { event_id: "a", event_type: "view", timestamp: clock.now(), user_id: "u" };
    const body = Buffer.from(JSON.stringify(event));
    await acceptor.accept({ body, tenant: "default", mode: "live", traceparent: TRACEPARENT });
    assert.equal(log.stats.records, 1, "it waits in the spool");
    away = false;
    while (log.stats.records > 0) await clock.sleep(5);
    await tandem.catchUp();
    assert.deepEqual(
      seen.map((t) => t.traceparent),
      [TRACEPARENT],
    );
  } finally {
    await log.close();
    await spool.close();
    await tandem.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});

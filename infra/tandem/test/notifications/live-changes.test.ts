// Serving in a process of its own hears from the speed layer's copies which metrics of which tenant changed: only
// while somebody listens, through failures of the log, and past notes that it cannot read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { copyTopic } from "@tandem/adapters/kafka";
import { type Change, CopiedChanges } from "@tandem/serving";
import { ColumnScanner, catalogue, fieldsOf, TandemError } from "@tandem/shared-logic";
import { SpeedWorker } from "@tandem/speed-layer";
import { DATASET, Stage, TENANT } from "../stories/stage.ts";
import { listeners } from "./listeners.ts";

const NOW = "2026-03-02T10:00:00Z";
const metrics = catalogue.filter((m) => m.name === "purchases" || m.name === "revenue");

async function stage() {
  const s = await Stage.at(NOW, metrics);
  const { notifications, log } = await listeners(s.clock);
  const worker = new SpeedWorker(
    { ...s.ports, notifications },
    { dataset: DATASET, partition: 0, owner: "w" },
    metrics,
    new ColumnScanner(["event_id", ...new Set(metrics.flatMap(fieldsOf))]),
  );
  await worker.open();
  const dataset = copyTopic("events", "aggregates");
  const pace = { now: () => s.clock.now(), sleep: (ms: number) => s.clock.sleep(ms) };
  const changes = new CopiedChanges({ log, dataset, pace });
  const heard: Change[] = [];
  let ids = 0;
  async function purchase(): Promise<void> {
    await s.send({ id: `p${ids++}`, at: NOW, type: "purchase", price: 2 });
    await worker.catchUp();
    await s.clock.advance(100);
  }
  return { s, log, dataset, changes, heard, purchase, hear: (c: Change) => void heard.push(c) };
}

const sorted = (heard: Change[]): string[] =>
  [...new Set(heard.splice(0).map((c) => `${c.tenant}/${c.metric}`))].sort();
const BOTH = [`${TENANT}/purchases`, `${TENANT}/revenue`];

test("what a flush changed is told while somebody listens, and not what was before", async () => {
  const { s, changes, heard, hear, purchase } = await stage();
  await purchase();
  const deafen = changes.listen(hear);
  await s.clock.advance(100);
  assert.deepEqual(heard, []);
  await purchase();
  assert.deepEqual(sorted(heard), BOTH);
  deafen();
  await purchase();
  assert.deepEqual(heard, []);
  const again = changes.listen(hear);
  await s.clock.advance(100);
  await purchase();
  assert.deepEqual(sorted(heard), BOTH);
  again();
});

test("a log that fails is followed again from its end; a note that is none is passed over", async () => {
  const { s, log, dataset, changes, heard, hear, purchase } = await stage();
  const read = log.read.bind(log);
  log.read = async () => {
    throw new TandemError("log_unavailable");
  };
  const deafen = changes.listen(hear);
  await s.clock.advance(100);
  await purchase();
  assert.deepEqual(heard, []);
  log.read = read;
  await s.clock.advance(6000);
  for (const text of ["nonsense", "null", '{"tenant":1}'])
    await log.append(dataset, [
      { partition: 0, key: new Uint8Array(), value: new TextEncoder().encode(text) },
    ]);
  await purchase();
  assert.deepEqual(sorted(heard), BOTH);
  deafen();
});

// A backfill that was cut short before the day that is still open is finished by the next process at its first look,
// not when that day ends: until then its events would be missing from the new version.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryJobQueue } from "@tandem/adapters/memory";
import { parquetCodec } from "@tandem/adapters/parquet";
import { owesOpenDays, startSchedule } from "@tandem/batch-layer";
import { Archiver } from "@tandem/ingest";
import { type Clock, MINUTE_MS } from "@tandem/shared-logic";
import { Healer } from "../heal/heal-stage.ts";
import { DATASET, dayNamed } from "../stories/stage.ts";
import { fiveDays, RANGE, TODAY, V1, V2, VALUES } from "./clicks.ts";

test("the schedule finishes a backfill's open day after a crash", async () => {
  const stage = await fiveDays();
  const metrics = [V1, V2];
  await stage.restart(metrics);
  // As far as the crash let it come.
  await stage.seal({ until: dayNamed(TODAY) });
  await stage.fold();
  assert.equal((await stage.ask("clicks", RANGE)).version, 1);
  const owes = async (): Promise<boolean> => {
    const { manifest } = await stage.batch.archive();
    const cutRow = await stage.batch.cutRow();
    return owesOpenDays(stage.ports, DATASET, metrics, manifest, cutRow);
  };
  assert.equal(await owes(), true);

  const place = { codec: parquetCodec, dataset: DATASET, partition: 0, genesis: 0 };
  const archiver = new Archiver({ ...stage.ports, ...place });
  const clock: Clock = {
    now: () => stage.clock.now(),
    sleep: async () => void (await archiver.step()),
  };
  const { batch, heals } = new Healer(stage, metrics, stage.ports.views, clock);
  const errors: unknown[] = [];
  const onThrow = (_: unknown, error: unknown) => errors.push(error);
  const queue = new MemoryJobQueue({ clock: stage.clock, onThrow });
  const stopped = new AbortController();
  const parts = { ...stage.ports, queue, batch, heals, dataset: DATASET, metrics };
  const stop = await startSchedule({ ...parts, signal: stopped.signal });
  for (let i = 0; i < 40 && (await owes()); i++) {
    await stage.clock.advance(MINUTE_MS / 4);
    await archiver.step();
    for (let j = 0; j < 3; j++) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  for (let i = 0; i < 40 && (await stage.ask("clicks", RANGE)).version === 1; i++)
    await new Promise((resolve) => setTimeout(resolve, 1));
  stopped.abort();
  await stop();
  await queue.close();
  assert.deepEqual(errors, []);
  await stage.fold();
  const answer = await stage.ask("clicks", RANGE);
  assert.equal(answer.version, 2);
  assert.deepEqual(
    answer.points.map((p) => p.value),
    VALUES[2],
  );
  assert.deepEqual(answer.missing, []);
});

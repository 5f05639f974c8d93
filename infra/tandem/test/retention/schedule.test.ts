// Retention by itself: a pass a day, whoever restarts meanwhile; a failure is counted and told, and the next hour tries again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryJobQueue } from "@tandem/adapters/memory";
import { prometheusTelemetry } from "@tandem/adapters/prometheus";
import { startRetentionSchedule } from "@tandem/batch-layer";
import { HOUR_MS } from "@tandem/shared-logic";
import { DATASET } from "../stories/stage.ts";
import { retentionOf, sealedStage } from "./retention-stage.ts";

test("once a day, and again after a failure", async () => {
  const stage = await sealedStage();
  const real = retentionOf(stage);
  let [passes, broken] = [0, false];
  const told: string[] = [];
  const telemetry = prometheusTelemetry();
  const retention: Parameters<typeof startRetentionSchedule>[0]["retention"] = {
    appliedAt: () => real.appliedAt(),
    async apply(request) {
      passes++;
      if (broken) throw new RangeError("broken");
      return real.apply(request);
    },
  };
  const start = async () => {
    const queue = new MemoryJobQueue({ clock: stage.clock });
    const stop = await startRetentionSchedule({
      queue,
      clock: stage.clock,
      retention,
      dataset: DATASET,
      signal: new AbortController().signal,
      telemetry,
      onError: (_, where) => told.push(where),
    });
    await stage.clock.advance(1000);
    return async () => {
      await stop();
      await queue.close();
    };
  };
  const first = await start();
  assert.equal(passes, 1);
  await first();
  const stop = await start();
  for (let hour = 0; hour < 20; hour++) await stage.clock.advance(HOUR_MS);
  assert.equal(passes, 1);
  for (let hour = 0; hour < 5; hour++) await stage.clock.advance(HOUR_MS);
  assert.equal(passes, 2);
  broken = true;
  for (let hour = 0; hour < 25; hour++) await stage.clock.advance(HOUR_MS);
  assert.ok(passes >= 4 && told.every((where) => where === "retention"), `${passes} ${told}`);
  broken = false;
  await stage.clock.advance(HOUR_MS);
  const page = await telemetry.text();
  assert.match(page, /retention_failures_total [2-9]/);
  assert.match(page, /retention_actions_total\{action="drop_speed"\} \d/);
  assert.match(page, /retention_age_seconds \d/);
  await stop();
});

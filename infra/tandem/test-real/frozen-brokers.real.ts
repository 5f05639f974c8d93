// Brokers that freeze, three of the test's own: calls end in time, nothing acknowledged is lost, all goes on
// after. Killed leaders: leaders.real.ts.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { KafkaEventLog } from "@tandem/adapters/kafka";
import { type RunningServers, startServers } from "../../servers/src/index.ts";
import { LogLoad } from "../drill/leaders/log-load.ts";

const NAMES = ["kafka-1", "kafka-2", "kafka-3"];

let servers: RunningServers;
before(async () => {
  servers = await startServers({ which: ["kafka"], brokers: 3, ports: 0, say: () => undefined });
});
after(() => servers?.stop());

const openLog = () =>
  new KafkaEventLog({
    brokers: (servers.env["KAFKA_BOOTSTRAP"] ?? "").split(","),
    replication: 3,
    minInsyncReplicas: 2,
  });

test("frozen brokers: every call ends in time, and what was acknowledged is there after", async () => {
  const topic = "frozen";
  const log = openLog();
  await log.create(topic, 2);
  const load = new LogLoad(log, topic, 2);
  try {
    await load.advance(200);
    await servers.freeze(...NAMES);
    const began = performance.now();
    await assert.rejects(log.ranges(topic), { code: "log_unavailable" });
    assert.ok(performance.now() - began < 6000, "ranges took too long");
    await log.waitFor(topic, 0, 1e9, 100);
    assert.ok(load.refused > 0, "nothing was refused");
    await servers.thaw(...NAMES);
    await load.advance(200);
  } finally {
    await servers.thaw(...NAMES).catch(() => undefined);
    await load.stop();
  }
  assert.ok(load.longestMs < 2500, `an append took ${load.longestMs} ms`);
  assert.deepEqual((await load.check()).lost, []);
  await log.close();
});

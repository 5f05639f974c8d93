// A foreign topic brought into a dataset, on memory logs: every good event at least once and in the order of
// its source partition, whatever fails or is killed at any call; bad ones to the dead letters; sums hold.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  HandClock,
  MemoryCheckpointStore,
  MemoryEventLog,
  memoryDeadLetters,
} from "@tandem/adapters/memory";
import { Bridge, type BridgeOptions, bridgeCounters } from "@tandem/ingest";
import {
  type AppendRecord,
  type DeadLetters,
  epochMs,
  RECORD_HEADER_BYTES,
  seededRandom,
  TandemError,
} from "@tandem/shared-logic";

const NOW = epochMs(Date.UTC(2026, 2, 5, 12));
const TOPIC = "shop.orders";
const utf8 = new TextEncoder();

class Killed extends Error {}

interface Came {
  readonly id: string;
  readonly tenant: string;
  readonly receivedMs: number;
}

async function scene(sourcePartitions = 1) {
  const clock = new HandClock(NOW);
  const [source, log] = [new MemoryEventLog(clock), new MemoryEventLog(clock)];
  await source.create(TOPIC, sourcePartitions);
  await log.create("events", 3);
  const checkpoints = new MemoryCheckpointStore();
  const deadLetters = memoryDeadLetters(clock);
  const put = (partition: number, ...texts: readonly string[]) =>
    source.append(
      TOPIC,
      texts.map((text): AppendRecord => {
        return { partition, key: new Uint8Array(0), value: utf8.encode(text) };
      }),
    );
  const bridge = (more: Partial<BridgeOptions> = {}) =>
    new Bridge({
      ...{ source, topic: TOPIC, partition: 0, group: "g", log, dataset: "events", partitions: 3 },
      ...{ tenant: "shop", mode: "live", checkpoints, deadLetters, clock },
      counters: bridgeCounters(),
      ...more,
    });
  /** By partition of the dataset. */
  async function came(): Promise<Came[][]> {
    const found: Came[][] = [];
    for (let p = 0; p < 3; p++) {
      const { bytes, starts, ends, count } = await log.read("events", p, 0, 1e9);
      found.push(
        Array.from({ length: count }, (_, i) => {
          const record = Buffer.from(bytes.subarray(starts[i], ends[i]));
          const tenantEnd = RECORD_HEADER_BYTES + record.readUInt16LE(52);
          const body = record.subarray(tenantEnd + record.readUInt16LE(54)).toString();
          return {
            id: (JSON.parse(body) as { event_id: string }).event_id,
            tenant: record.subarray(RECORD_HEADER_BYTES, tenantEnd).toString(),
            receivedMs: record.readDoubleLE(44),
          };
        }),
      );
    }
    return found;
  }
  return { clock, source, log, checkpoints, deadLetters, put, bridge, came };
}

const order = (id: string, user: string, more: object = {}): string =>
  JSON.stringify({
    event_id: id,
    event_type: "purchase",
    timestamp: "2026-03-05T11:00:00Z",
    user_id: user,
    ...more,
  });
const ids = (came: readonly (readonly Came[])[]): string[] => came.flat().map(({ id }) => id);

async function toEnd(bridge: Bridge): Promise<void> {
  while (await bridge.step());
}

test("good events get headers and the collector's keys, bad ones go to the dead letters", async () => {
  const { put, bridge, came, deadLetters, log } = await scene();
  const bad = ["", "no json", "{}", "[]", `[${order("x", "ann")}]`, "\u00d1"];
  await put(0, order("a", "ann"), ...bad, order("b", "ben"), order("c", "ann"));
  const counters = bridgeCounters();
  const one = bridge({ counters });
  await toEnd(one);
  assert.deepEqual([counters.read, counters.bridged, counters.rejected], [9, 3, 6]);
  const sum = Object.values(counters.rejectedBy).reduce((a, b) => a + b, 0);
  assert.equal(sum, 6);
  const kept = await deadLetters.list({ limit: 100 });
  assert.deepEqual(
    kept.map(({ bytes }) => Buffer.from(bytes).toString()),
    bad,
  );
  assert.ok(kept.every(({ problems, tenant }) => problems.length > 0 && tenant === "shop"));
  assert.deepEqual(ids(await came()).sort(), ["a", "b", "c"]);
  for (const { tenant, receivedMs } of (await came()).flat())
    assert.deepEqual([tenant, receivedMs], ["shop", NOW]);
  // A user's events stand in one partition.
  assert.equal(
    (await came()).filter((p) => p.some(({ id }) => id === "a" || id === "c")).length,
    1,
  );
  assert.equal(await bridge().step(), false, "a restart brings nothing again");
  await put(0, order("d", "ann"));
  await toEnd(one);
  assert.deepEqual([counters.read, counters.bridged], [10, 4]);
  assert.equal(
    (await log.ranges("events")).reduce((n, { end }) => n + end, 0),
    4,
  );
});

test("by the import rule an event counts as received when it says, or when it happened", async () => {
  const { put, bridge, came } = await scene();
  await put(0, order("a", "ann"), order("b", "ann", { received_at: "2026-03-05T11:30:00Z" }));
  await toEnd(bridge({ mode: "import" }));
  const received = new Map((await came()).flat().map(({ id, receivedMs }) => [id, receivedMs]));
  assert.equal(received.get("a"), Date.parse("2026-03-05T11:00:00Z"));
  assert.equal(received.get("b"), Date.parse("2026-03-05T11:30:00Z"));
});

test("a topic made anew is refused, and one that gave up records goes on with a count", async () => {
  const { put, bridge, source, checkpoints, clock } = await scene();
  await put(0, order("a", "ann"), order("b", "ann"));
  await toEnd(bridge());
  const anew = new MemoryEventLog(clock);
  await anew.create(TOPIC, 1);
  await assert.rejects(bridge({ source: anew }).step(), { code: "checkpoint_refused" });
  await put(0, order("c", "ann"), order("d", "ann"));
  const counters = bridgeCounters();
  const shortened: BridgeOptions["source"] = {
    read: (...args) => source.read(...args),
    waitFor: (...args) => source.waitFor(...args),
    commit: (...args) => source.commit(...args),
    ranges: async () => [{ start: 3, end: 4 }],
  };
  await toEnd(bridge({ source: shortened, counters }));
  assert.deepEqual([counters.lost, counters.read], [1, 1]);
  await checkpoints.put(`bridge/${TOPIC}/g/0`, utf8.encode("{"));
  await assert.rejects(bridge().step(), { code: "corrupt_bytes" });
});

test("dead letters that cannot be kept stop no good event", async () => {
  const { put, bridge, came } = await scene();
  await put(0, "{}", order("a", "ann"));
  const counters = bridgeCounters();
  const deadLetters = { add: () => Promise.reject(new TandemError("store_unavailable")) };
  await toEnd(bridge({ counters, deadLetters: deadLetters as Pick<DeadLetters, "add"> }));
  assert.deepEqual(ids(await came()), ["a"]);
  assert.deepEqual([counters.rejected, counters.deadLettersLost], [1, 1]);
});

for (let seed = 1; seed <= 60; seed++) {
  test(`killed and failing at any call, seed ${seed}`, async () => {
    const random = seededRandom(seed);
    const below = (n: number): number => random.u32() % n;
    const { put, bridge, came, source, log, checkpoints, deadLetters } = await scene(2);
    const sent: string[][] = [[], []];
    let bad = 0;
    for (let i = 0; i < 120; i++) {
      const p = below(2);
      if (below(8) === 0) {
        bad++;
        await put(p, `{"bad":${i}}`);
        continue;
      }
      sent[p]!.push(`e${i}`);
      // A user's events come by one source partition.
      await put(p, order(`e${i}`, `u${p}${below(5)}`));
    }
    let left = 40;
    /** Dies before or behind the call, or the call fails. */
    const shaky = async <T>(call: () => Promise<T>): Promise<T> => {
      const fate = left > 0 ? below(8) : 7;
      if (fate < 3) left--;
      if (fate === 0) throw new Killed();
      if (fate === 1) throw new TandemError("log_unavailable");
      const result = await call();
      if (fate === 2) throw new Killed();
      return result;
    };
    const parts: Partial<BridgeOptions> = {
      readBytes: 600,
      log: {
        append: (dataset, records) =>
          shaky(async () => {
            if (left <= 0 || below(4) > 0) return log.append(dataset, records);
            // Some of them only.
            left--;
            const taken = records.map(() => below(2) === 0);
            await log.append(
              dataset,
              records.filter((_, i) => taken[i]),
            );
            return taken.map((ok, i) =>
              ok
                ? { ok, partition: records[i]?.partition ?? 0, offset: 0 }
                : { ok, error: new TandemError("log_unavailable") },
            );
          }),
      },
      checkpoints: {
        get: (name) => shaky(() => checkpoints.get(name)),
        put: (name, bytes) => shaky(() => checkpoints.put(name, bytes)),
      },
      deadLetters: { add: (letters) => shaky(() => deadLetters.add(letters)) },
      source: {
        read: (...args) => shaky(() => source.read(...args)),
        ranges: (...args) => shaky(() => source.ranges(...args)),
        commit: (...args) => shaky(() => source.commit(...args)),
        waitFor: (...args) => source.waitFor(...args),
      },
    };
    let counted = 0;
    let restarts = 0;
    for (const partition of [0, 1]) {
      const counters = bridgeCounters();
      let one = bridge({ ...parts, partition, counters });
      for (;;) {
        try {
          if (!(await one.step())) break;
        } catch (error) {
          const passing = error instanceof TandemError && error.retryable;
          assert.ok(passing || error instanceof Killed, String(error));
          if (passing) continue;
          restarts++;
          one = bridge({ ...parts, partition, counters });
        }
        assert.equal(counters.read, counters.bridged + counters.rejected);
      }
      counted += counters.read;
    }
    const found = await came();
    for (const list of sent) {
      const own = new Set(list);
      for (const partition of found) {
        // The last copy of each, in the order they were sent.
        const last = [...new Set(partition.map(({ id }) => id).reverse())].reverse();
        const here = last.filter((id) => own.has(id));
        const expected = list.filter((id) => here.includes(id));
        assert.deepEqual(here, expected);
      }
    }
    assert.deepEqual(new Set(ids(found)), new Set(sent.flat()), "all of them, and nothing else");
    const letters = await deadLetters.list({ limit: 10_000 });
    assert.ok(new Set(letters.map(({ bytes }) => Buffer.from(bytes).toString())).size <= bad);
    // A kill behind the checkpoint takes a batch's counts with it, never adds any.
    assert.ok(counted <= sent.flat().length + bad);
    assert.ok(restarts > 0 || left > 0);
  });
}

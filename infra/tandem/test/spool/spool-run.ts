// One seeded life of a collector's log with its spool: calls at random moments, a log that fails in random ways,
// power cuts of the collector's disk, small limits. Afterwards the log is compared with what was acknowledged.
import assert from "node:assert/strict";
import { CrashFiles, FileEventLog } from "@tandem/adapters/embedded";
import { HandClock } from "@tandem/adapters/memory";
import { SpooledLog } from "@tandem/ingest";
import { type AppendRecord, below, epochMs, seededRandom, unit } from "@tandem/shared-logic";
import { DATASET, MODES, recordOf, UnsteadyLog } from "./unsteady-log.ts";

const PARTITIONS = 3;
const MAX_BYTES = 6_000;
const SEGMENT_BYTES = 700;
const ANSWER_MS = 2300;

interface Sent {
  readonly partition: number;
  readonly text: string;
  readonly call: number;
  readonly beganAt: number;
  acknowledgedAt?: number;
}

export interface Tally {
  accepted: number;
  spooled: number;
  refused: number;
  cuts: number;
  copies: number;
}

async function settled(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise(setImmediate);
}

export async function spoolRun(seed: number, steps: number, tally: Tally): Promise<void> {
  const random = seededRandom(seed);
  const clock = new HandClock(epochMs(Date.UTC(2026, 0, 1)), settled);
  const unsteady = new UnsteadyLog(clock, random);
  await unsteady.log.create(DATASET, PARTITIONS);
  let files = new CrashFiles();
  const open = async (): Promise<SpooledLog> => {
    const options = {
      files,
      clock,
      segmentBytes: SEGMENT_BYTES,
      tailBytes: 500,
      patienceMs: () => 0,
    };
    return SpooledLog.open({
      primary: unsteady.client(),
      spool: await FileEventLog.open("/spool", options),
      dataset: DATASET,
      partitions: PARTITIONS,
      clock,
      limits: { maxBytes: MAX_BYTES, stepBytes: 400, answerMs: ANSWER_MS },
    });
  };
  const sent: Sent[] = [];
  let spooled = await open();
  /** Orders beginnings and ends of calls. */
  let moment = 0;
  let life = 0;

  const call = async (number: number): Promise<void> => {
    const own: Sent[] = Array.from({ length: 1 + below(random, 6) }, (_, i) => ({
      partition: below(random, PARTITIONS),
      text: `${number}.${i}${"x".repeat(below(random, 150))}`,
      call: number,
      beganAt: moment++,
    }));
    const [born, began] = [life, clock.now()];
    const records: AppendRecord[] = own.map((s) => recordOf(s.partition, s.text));
    const results = await spooled.append(DATASET, records);
    if (born !== life) return;
    assert.ok(clock.now() - began <= ANSWER_MS, `answered after ${clock.now() - began} ms`);
    assert.equal(results.length, own.length);
    const at = moment++;
    for (const [i, result] of results.entries()) {
      const one = own[i] as Sent;
      if (!result.ok) tally.refused++;
      else {
        one.acknowledgedAt = at;
        tally.accepted++;
        if (result.spooled) tally.spooled++;
      }
    }
    sent.push(...own);
  };

  for (let step = 0; step < steps; step++) {
    assert.ok(spooled.stats.bytes <= MAX_BYTES);
    const what = unit(random);
    if (what < 0.6) void call(step);
    else if (what < 0.7) unsteady.mode = MODES[below(random, MODES.length)] ?? "fine";
    else if (what < 0.78)
      unsteady.modes.set(below(random, PARTITIONS), MODES[below(random, MODES.length)] ?? "fine");
    else if (what < 0.84) {
      unsteady.mode = "fine";
      unsteady.modes.clear();
    } else if (what < 0.88) {
      life++;
      tally.cuts++;
      unsteady.cut();
      files = files.image(random);
      spooled = await open();
    }
    await clock.advance(unit(random) < 0.5 ? 0 : below(random, 1500));
  }
  unsteady.mode = "fine";
  unsteady.modes.clear();
  await clock.advance(20_000);
  assert.deepEqual(spooled.stats, { records: 0, bytes: 0, oldestMs: undefined });
  assert.equal(spooled.unready, undefined);
  for (let p = 0; p < PARTITIONS; p++) await checkPartition(p, sent, unsteady, tally);
}

async function checkPartition(
  partition: number,
  sent: readonly Sent[],
  unsteady: UnsteadyLog,
  tally: Tally,
): Promise<void> {
  const texts = await unsteady.texts(partition);
  const first = new Map<string, number>();
  for (const [i, text] of texts.entries()) {
    assert.equal(unsteady.keys.get(text), `key of ${text}`);
    if (first.has(text)) tally.copies++;
    else first.set(text, i);
  }
  const own = sent.filter((s) => s.partition === partition && s.acknowledgedAt !== undefined);
  for (const a of own) assert.ok(first.has(a.text), `${a.text} is lost`);
  for (const [i, a] of own.entries()) {
    for (const b of own.slice(i + 1)) {
      const inCall = a.call === b.call;
      if (!inCall && (a.acknowledgedAt ?? Infinity) > b.beganAt) continue;
      const [x, y] = [first.get(a.text) ?? 0, first.get(b.text) ?? 0];
      assert.ok(x < y, `${a.text} came to the log behind ${b.text}`);
    }
  }
}

// Verdicts against a plain oracle that remembers every id, and independence of how the log is cut into
// batches, with filters so small that chains grow, age out and forget all the time.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  below,
  DAY_MS,
  type DatasetSettings,
  DictionaryColumn,
  type EventColumns,
  HOUR_MS,
  Interner,
  ROW_EVENT,
  SURE,
  SUSPECTED,
  seededRandom,
  UNCHECKED,
} from "@tandem/shared-logic";
import { Dedupe } from "../../src/dedupe/dedupe.ts";

const START = 100 * DAY_MS;
const SETTINGS: DatasetSettings = { ringIds: 16, generationIds: 60, filterMs: 4 * HOUR_MS };

interface Sent {
  readonly id: string;
  readonly tenant: string;
  readonly sentMs: number;
  readonly receivedMs: number;
}

function makeLog(seed: number, count: number): Sent[] {
  const random = seededRandom(seed);
  const log: Sent[] = [];
  let receivedMs = START;
  for (let i = 0; i < count; i++) {
    receivedMs += below(random, 2 * (HOUR_MS / 20));
    const again = i > 0 && below(random, 5) === 0 ? log[below(random, i)] : undefined;
    const late = below(random, 10) === 0 ? below(random, 9 * HOUR_MS) : below(random, 60_000);
    // Some clients' clocks are days ahead; a copy may tell another time of the same day.
    const ahead = below(random, 40) === 0 ? DAY_MS + below(random, 2 * DAY_MS) : 0;
    const day = again ? Math.floor(again.sentMs / DAY_MS) * DAY_MS : 0;
    const sentMs = again ? day + below(random, DAY_MS) : receivedMs - late + ahead;
    const [id, tenant] = [again?.id ?? `e${i}`, again?.tenant ?? `t${below(random, 3)}`];
    log.push({ id, tenant, sentMs, receivedMs });
  }
  return log;
}

/** What dedupe reads of a batch; nothing else is there. */
function columnsOf(part: readonly Sent[]): EventColumns {
  const tenants = new Interner();
  const codes = Int32Array.from(part, (e) => tenants.internText(e.tenant));
  const ids = new Interner();
  const idHashes = new Uint32Array(4 * part.length);
  part.forEach((e, row) => {
    const code = ids.internText(e.id);
    idHashes.set(ids.hashes.subarray(2 * code, 2 * code + 2), 4 * row);
    idHashes.set(ids.hashes.subarray(2 * code, 2 * code + 2), 4 * row + 2);
  });
  const tenant = new DictionaryColumn(tenants, codes, part.length);
  const nothing = (): never => {
    throw new RangeError("not read by dedupe");
  };
  return {
    partition: 0,
    count: part.length,
    offsets: Float64Array.from(part.keys()),
    rowKinds: new Uint8Array(part.length).fill(ROW_EVENT),
    flags: new Uint8Array(part.length),
    timeMs: Float64Array.from(part, (e) => e.sentMs),
    sentMs: Float64Array.from(part, (e) => e.sentMs),
    receivedMs: Float64Array.from(part, (e) => e.receivedMs),
    idHashes,
    userKinds: new Uint8Array(part.length),
    field: (path) => (path === "tenant" ? tenant : nothing()),
    cut: nothing,
  };
}

/** 3 for a duplicate, else the doubt, of each event. */
function judged(log: readonly Sent[], sizes: () => number, settings = SETTINGS): number[] {
  const dedupe = new Dedupe(settings);
  const verdicts: number[] = [];
  for (let from = 0; from < log.length; ) {
    const part = log.slice(from, from + sizes());
    from += part.length;
    const columns = columnsOf(part);
    const rows = Uint32Array.from(part.keys());
    const doubts = new Uint8Array(part.length);
    const m = dedupe.judge(columns, rows, doubts, part.length);
    const of = new Array<number>(part.length).fill(3);
    for (let i = 0; i < m; i++) of[rows[i]!] = doubts[i]!;
    verdicts.push(...of);
  }
  return verdicts;
}

const dayStartOf = (e: Sent): number => Math.floor(e.sentMs / DAY_MS) * DAY_MS;

const FORGETFUL: DatasetSettings = { ...SETTINGS, generationIds: 4 };

for (const [seed, settings] of [
  [1, SETTINGS],
  [2, FORGETFUL],
  [3, SETTINGS],
] as const) {
  test(`verdicts do not depend on how the log is cut into batches (seed ${seed})`, () => {
    const log = makeLog(seed, 3000);
    const one = judged(log, () => 1, settings);
    const random = seededRandom(seed);
    const several = judged(log, () => 1 + below(random, 200), settings);
    assert.deepEqual(several, one);
    const whole = judged(log, () => log.length, settings);
    assert.deepEqual(whole, one);
    for (const verdict of [SURE, SUSPECTED, UNCHECKED, 3]) assert.ok(one.includes(verdict));
  });

  test(`no event is called sure or a duplicate wrongly (seed ${seed})`, () => {
    const log = makeLog(seed, 3000);
    const seen = new Map<string, number>();
    let certain = 0;
    judged(log, () => 100, settings).forEach((verdict, i) => {
      const e = log[i]!;
      const identity = `${e.tenant} ${e.id} ${Math.floor(e.sentMs / DAY_MS)}`;
      if (verdict === 3) assert.ok(seen.has(identity), `event ${i} is no duplicate`);
      // An id from days ahead is kept as long as others, but its own day comes later.
      const before = seen.get(identity) ?? Number.NEGATIVE_INFINITY;
      const kept = e.receivedMs - before <= SETTINGS.filterMs || before > dayStartOf(e) - DAY_MS;
      if (verdict === SURE) assert.ok(!kept, `event ${i} came before`);
      certain += verdict === 3 || verdict === SURE ? 1 : 0;
      seen.set(identity, e.receivedMs);
    });
    assert.ok(certain > 1000);
  });
}

const sent = (id: string, sentMs: number, receivedMs: number): Sent => ({
  id,
  tenant: "t",
  sentMs: START + sentMs,
  receivedMs: START + receivedMs,
});
const ROOMY: DatasetSettings = { ...SETTINGS, generationIds: 1000 };
const one = (): number => 1;

test("a copy is found by its day, whatever time of it is told", () => {
  const log = [sent("a", 0, 0), sent("a", 3 * HOUR_MS, 3 * HOUR_MS), sent("a", DAY_MS, DAY_MS)];
  assert.deepEqual(judged(log, one, ROOMY), [SURE, 3, SURE]);
});

test("an event too late to be told is never sure, and known when it comes again that day", () => {
  const late = sent("a", -3 * DAY_MS, HOUR_MS);
  assert.deepEqual(judged([late, late], one, ROOMY), [UNCHECKED, 3]);
});

test("an event from days ahead is known when it comes again on its own day", () => {
  const log = [sent("a", 2 * DAY_MS, 23 * HOUR_MS), sent("a", 2 * DAY_MS, DAY_MS + HOUR_MS)];
  assert.deepEqual(judged(log, one, ROOMY), [SURE, 3]);
  assert.deepEqual(
    judged(log, () => 2, ROOMY),
    [SURE, 3],
  );
});

test("a late event is known when it comes again on the next day", () => {
  const late = (receivedMs: number): Sent => sent("a", -3 * DAY_MS, receivedMs);
  const others = Array.from({ length: 20 }, (_, i) => sent(`e${i}`, 23 * HOUR_MS, 23 * HOUR_MS));
  const log = [late(22 * HOUR_MS), ...others, late(25 * HOUR_MS)];
  assert.deepEqual(
    [0, 21].map((i) => judged(log, one, ROOMY)[i]),
    [UNCHECKED, SUSPECTED],
  );
});

test("of a day with too many ids the newest are remembered and none is sure; other days are not concerned", () => {
  // Made for 20 ids a day, so that it holds 160.
  const many = Array.from({ length: 1000 }, (_, i) => sent(`e${i}`, i, i));
  const few = [sent("e999", 999, 1000), sent("e0", 0, 1001), sent("f", DAY_MS, 1002)];
  const verdicts = judged([...many, ...few], () => 64, FORGETFUL);
  const first = verdicts.indexOf(UNCHECKED);
  assert.ok(first >= 160 && first < 170, `${first}`);
  assert.ok(verdicts.slice(first, 1000).every((v) => v === UNCHECKED || v === SUSPECTED));
  assert.deepEqual(verdicts.slice(1000), [3, UNCHECKED, SURE]);
});

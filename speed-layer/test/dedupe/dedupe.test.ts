// Verdicts against a plain oracle that remembers every id, and independence of how the log is cut into
// batches, with filters so small that generations turn, age out and are evicted all the time.
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
    const sentMs = again?.sentMs ?? receivedMs - late;
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

for (const seed of [1, 2, 3]) {
  test(`verdicts do not depend on how the log is cut into batches (seed ${seed})`, () => {
    const log = makeLog(seed, 3000);
    const one = judged(log, () => 1);
    const random = seededRandom(seed);
    assert.deepEqual(
      judged(log, () => 1 + below(random, 200)),
      one,
    );
    assert.deepEqual(
      judged(log, () => log.length),
      one,
    );
    for (const verdict of [SURE, SUSPECTED, UNCHECKED, 3]) assert.ok(one.includes(verdict));
  });

  test(`no event is called sure or a duplicate wrongly (seed ${seed})`, () => {
    const log = makeLog(seed, 3000);
    const seen = new Set<string>();
    let certain = 0;
    judged(log, () => 100).forEach((verdict, i) => {
      const e = log[i]!;
      const identity = `${e.tenant} ${e.id} ${Math.floor(e.sentMs / DAY_MS)}`;
      if (verdict === 3) assert.ok(seen.has(identity), `event ${i} is no duplicate`);
      if (verdict === SURE) assert.ok(!seen.has(identity), `event ${i} came before`);
      certain += verdict === 3 || verdict === SURE ? 1 : 0;
      seen.add(identity);
    });
    assert.ok(certain > 1000);
  });
}

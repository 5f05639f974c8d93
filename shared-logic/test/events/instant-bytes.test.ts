import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstantBytes } from "../../src/events/instant-bytes.ts";
import { below, seededRandom } from "../../src/ports/random.ts";
import { parseInstant } from "../../src/time/iso-8601.ts";

function check(text: string): boolean {
  const bytes = new TextEncoder().encode(`0${text}0`);
  const ms = parseInstantBytes(bytes, 1, bytes.length - 1);
  assert.equal(Number.isNaN(ms) ? undefined : ms, parseInstant(text), text);
  return !Number.isNaN(ms);
}

const GOOD = [
  "2019-10-01",
  "2020-02-29",
  "2000-02-29T23:59:59.999Z",
  "1970-01-01T00:00:00+05:00",
  "9999-12-31T23:59:59-23:59",
  "0000-01-01",
  "2019-10-01T00:00",
  "2019-10-01 00:00:00",
  "2019-10-01t00:00:00z",
  "2019-10-01T01:02:03,4",
  "2019-10-01T01:02:03.123456789+0530",
  "2019-10-01T01:02-0800",
];
const BAD = [
  "",
  "2019-10",
  "2019-02-29",
  "1900-02-29",
  "2019-13-01",
  "2019-00-10",
  "2019-04-31",
  "10000-01-01",
  "2019-10-01T",
  "2019-10-01Z",
  "2019-10-01T24:00:00Z",
  "2019-10-01T00:60:00Z",
  "2019-10-01T00:00:60Z",
  "2019-10-01T00:00:00.Z",
  "2019-10-01T00:00:00.1234567890Z",
  "2019-10-01T00:00:00+24:00",
  "2019-10-01T00:00:00+01:60",
  "2019-10-01T00:00:00+1",
  "2019-10-01T00:00:00+01:",
  "2019-10-01T00:00:00+01:0",
  "2019-10-01T00:00:00ZZ",
  " 2019-10-01",
  "2019-10-01T00:00:00 Z",
  "２019-10-01",
];

test("times accepted and refused, as parseInstant does", () => {
  for (const text of GOOD) assert.ok(check(text), text);
  for (const text of BAD) assert.ok(!check(text), text);
});

test("every day of four centuries, and texts changed at random", (t) => {
  const seed = 42;
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const pad = (n: number): string => String(n).padStart(2, "0");
  for (let n = 0; n < 8000; n++) {
    const year = 1800 + below(random, 400);
    check(`${year}-${pad(below(random, 14))}-${pad(below(random, 33))}`);
  }
  const letters = "0123456789-+:.,TtZz ";
  let good = 0;
  for (let n = 0; n < 20_000; n++) {
    const text = [...(GOOD[below(random, GOOD.length)] as string)];
    const at = below(random, text.length + 1);
    const letter = letters[below(random, letters.length)] as string;
    text.splice(at, below(random, 2), ...(below(random, 3) ? [letter] : []));
    if (check(text.join(""))) good++;
  }
  assert.ok(good > 4000, `${good}`);
});

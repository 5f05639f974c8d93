// Answers of before: who waits for a store that is away, what is said of them, and how it comes back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, type EpochMs, epochMs, TandemError } from "@tandem/shared-logic";
import { LastKnownGood } from "../src/last-known-good.ts";

const AT = epochMs(1_570_000_000_000);
const answer: Answer = {
  metric: "events",
  version: 1,
  unit: "1",
  from: "2019-10-01T00:00:00Z",
  until: "2019-10-02T00:00:00Z",
  grain: "day",
  tz: "UTC",
  by: [],
  points: [],
  horizon: null,
  freshness: null,
  missing: [],
  late_pending: 0,
  suspected: 0,
  unchecked: 0,
  skipped: 0,
  capped: false,
  degraded: ["lag"],
  cost: { cells: 24 },
};
const away = new TandemError("store_unavailable");

function setUp() {
  const last = new LastKnownGood(10);
  last.remember("q", { answers: [answer], tag: "t", at: AT });
  const ask = async (question: string, work: () => Promise<string>) => {
    const result = await last.orStale(question, work);
    return typeof result === "string" ? result : result.answer.degraded;
  };
  return { last, ask };
}

test("a failure that may pass is answered by what was known, any other is not", async () => {
  const { ask } = setUp();
  assert.deepEqual(await ask("q", () => Promise.reject(away)), [
    "lag",
    "stale_since:2019-10-02T07:06:40Z",
  ]);
  await assert.rejects(
    ask("other", () => Promise.reject(away)),
    away,
  );
  const bug = new TypeError("bug");
  await assert.rejects(
    ask("q", () => Promise.reject(bug)),
    bug,
  );
});

test("an answer that was confirmed is as old as its confirmation", async () => {
  const { last, ask } = setUp();
  last.confirm("q", "another tag", (AT + 1000) as EpochMs);
  last.confirm("q", "t", (AT + 2000) as EpochMs);
  last.confirm("never asked", "t", AT);
  assert.deepEqual(await ask("q", () => Promise.reject(away)), [
    "lag",
    "stale_since:2019-10-02T07:06:42Z",
  ]);
});

test("a store that hangs is waited for by one question at a time, and by those that never had an answer", async () => {
  const { ask } = setUp();
  await ask("q", () => Promise.reject(away));
  const hanging = Promise.withResolvers<string>();
  const hangs = () => hanging.promise;
  const probe = ask("q", hangs);
  let reads = 0;
  const counted = async () => {
    reads++;
    return "fresh";
  };
  assert.ok(Array.isArray(await ask("q", counted)));
  assert.equal(reads, 0);
  assert.equal(await ask("new", counted), "fresh");
  // The probe itself does not wait for long.
  assert.ok(Array.isArray(await probe));
  // It still runs: nobody begins another.
  assert.ok(Array.isArray(await ask("q", counted)));
  assert.equal(reads, 1);
  hanging.resolve("late");
  await hanging.promise;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await ask("q", counted), "fresh");
  assert.equal(reads, 2);
});

test("a probe that fails late leaves the store away, and the next one finds it again", async () => {
  const { ask } = setUp();
  await ask("q", () => Promise.reject(away));
  assert.ok(Array.isArray(await ask("q", () => Promise.reject(away))));
  assert.equal(await ask("q", async () => "fresh"), "fresh");
});

test("a store that answers too slowly: the answer of before, else a failure, and nobody else's trouble", async () => {
  const last = new LastKnownGood(10, 100);
  const slow = Promise.withResolvers<string>();
  await assert.rejects(
    last.orStale("new", () => slow.promise),
    { code: "store_unavailable" },
  );
  last.remember("q", { answers: [answer], tag: "t", at: AT });
  const stale = await last.orStale("q", () => slow.promise);
  assert.ok(
    typeof stale !== "string" && stale.answer.degraded.includes("stale_since:2019-10-02T07:06:40Z"),
  );
  // Late is not away: the next question is asked, and waited for longer than a probe is.
  assert.equal(await last.orStale("q", async () => "fresh"), "fresh");
  // Without an answer of before there is twice the time.
  const later = new Promise<string>((resolve) => setTimeout(() => resolve("in time"), 130));
  assert.equal(await last.orStale("another", () => later), "in time");
  slow.resolve("late");
  const failing = Promise.reject(new TypeError("bug"));
  await assert.rejects(
    last.orStale("q", () => failing),
    TypeError,
  );
});

test("a late question that fails in the end harms nobody", async () => {
  const last = new LastKnownGood(10, 5);
  const slow = Promise.withResolvers<string>();
  await assert.rejects(
    last.orStale("new", () => slow.promise),
    { code: "store_unavailable" },
  );
  slow.reject(away);
  await new Promise((wake) => setImmediate(wake));
});

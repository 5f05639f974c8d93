// Acknowledged only when durable: what the log does not confirm is `retry`, and nothing is lost silently.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TandemError } from "@tandem/shared-logic";
import { event, json, startCollector } from "./collector-fixture.ts";

const down = new TandemError("log_unavailable");
const ten = Array.from({ length: 10 }, (_, i) => event(`${i}`));

test("a log that is down is 503 with Retry-After, every event is retry", async (t) => {
  let broken = true;
  const { post, collector, stored } = await startCollector(t, {
    append: (real) => async (dataset, records) => {
      if (broken) throw down;
      return real(dataset, records);
    },
  });
  const { status, headers, body } = await post(json(ten));
  assert.deepEqual([status, headers.get("retry-after")], [503, "1"]);
  assert.deepEqual([body.accepted, body.retry, body.rejected], [0, 10, 0]);
  assert.deepEqual(body.results[3], { index: 3, status: "retry", event_id: "3" });
  broken = false;
  assert.equal((await post(json(ten))).body.accepted, 10);
  assert.equal((await stored()).length, 10);
  const { sent, accepted, retry, rejected } = collector.stats();
  assert.deepEqual([sent, accepted, retry, rejected], [20, 10, 10, 0]);
});

test("a log that takes some records is 503: each event has its own result, and all may be sent again", async (t) => {
  let half = true;
  const { post, collector } = await startCollector(t, {
    append: (real) => async (dataset, records) => {
      const results = await real(dataset, records);
      return results.map((r, i) => (i % 2 === 0 || !half ? r : { ok: false, error: down }));
    },
  });
  const sending = `{}\n${ten.map(json).join("\n")}`;
  const { status, headers, body } = await post(sending);
  assert.deepEqual([status, headers.get("retry-after")], [503, "1"]);
  assert.deepEqual([body.accepted, body.retry, body.rejected], [5, 5, 1]);
  const places = body.results.map(
    (r: { index: number; status: string }) => `${r.index} ${r.status}`,
  );
  assert.deepEqual(places, ["0 rejected", "2 retry", "4 retry", "6 retry", "8 retry", "10 retry"]);
  half = false;
  const again = await post(sending);
  assert.deepEqual([again.status, again.headers.get("retry-after")], [202, null]);
  assert.deepEqual([again.body.accepted, again.body.retry, again.body.rejected], [10, 0, 1]);
  const { sent, accepted, retry, rejected } = collector.stats();
  assert.equal(sent, accepted + retry + rejected);
});

test("nothing accepted, something retry, something rejected is 503: sending again may help", async (t) => {
  const { post } = await startCollector(t, { append: () => async () => Promise.reject(down) });
  const { status, body } = await post(`{}\n${json(event("1"))}`);
  assert.deepEqual([status, body.accepted, body.retry, body.rejected], [503, 0, 1, 1]);
});

test("a dataset that is not there yet is retry, and found as soon as it is", async (t) => {
  let partitions = 0;
  const { post } = await startCollector(t, { partitions: async () => partitions });
  assert.deepEqual((await post(json(ten))).status, 503);
  partitions = 4;
  assert.equal((await post(json(ten))).status, 202);
});

test("no answer before the log has confirmed", async (t) => {
  const confirm = Promise.withResolvers<void>();
  const appended = Promise.withResolvers<void>();
  const { post, collector } = await startCollector(t, {
    append: (real) => async (dataset, records) => {
      const results = await real(dataset, records);
      appended.resolve();
      await confirm.promise;
      return results;
    },
  });
  let answered = false;
  const answer = post(json(ten)).finally(() => {
    answered = true;
  });
  await appended.promise;
  for (let i = 0; i < 50; i++) await new Promise(setImmediate);
  assert.equal(answered, false);
  assert.equal(collector.stats().accepted, 0);
  confirm.resolve();
  assert.equal((await answer).status, 202);
});

test("a bug in one request is 500 and logged, the next request is served", async (t) => {
  let broken = true;
  const { post, errors, collector } = await startCollector(t, {
    append: (real) => async (dataset, records) => {
      if (broken) throw new TypeError("planted");
      return real(dataset, records);
    },
  });
  const { status, body } = await post(json(ten));
  assert.deepEqual([status, body.error.code], [500, "internal"]);
  assert.equal(errors.length, 1);
  broken = false;
  assert.equal((await post(json(ten))).status, 202);
  assert.deepEqual([collector.stats().heldBytes, collector.stats().inFlight], [0, 0]);
});

test("dead letters that cannot be stored cost no good event", async (t) => {
  const { post, collector, deadLetters } = await startCollector(t);
  deadLetters.add = async () => Promise.reject(new TandemError("store_unavailable"));
  const { status, body } = await post(`{}\n${json(event("1"))}`);
  assert.deepEqual([status, body.accepted, body.rejected], [202, 1, 1]);
  assert.equal(collector.stats().deadLettersLost, 1);
});

test("closing lets what is under way end and refuses the rest", async (t) => {
  const confirm = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const { post, collector, listening, stored } = await startCollector(t, {
    append: (real) => async (dataset, records) => {
      arrived.resolve();
      await confirm.promise;
      return real(dataset, records);
    },
  });
  const first = post(json(ten));
  await arrived.promise;
  let closed = false;
  const closing = collector.close().then(() => {
    closed = true;
  });
  const late = await post(json(ten));
  assert.deepEqual([late.status, late.body.error.code], [503, "closing"]);
  assert.equal(late.headers.get("connection"), "close");
  assert.equal(closed, false);
  const down = listening.close();
  confirm.resolve();
  assert.equal((await first).body.accepted, 10);
  await Promise.all([closing, down]);
  assert.equal((await stored()).length, 10);
  await assert.rejects(post(json(ten)));
});

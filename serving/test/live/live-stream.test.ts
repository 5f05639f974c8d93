// A stream whose reader pauses: nothing queues up, what changed meanwhile comes once in its present state, and
// the id never runs ahead of what was sent.
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import type { Answer } from "@tandem/shared-logic";
import { LIVE_LIMITS } from "../../src/live/live-limits.ts";
import { LiveQuestion } from "../../src/live/live-question.ts";
import { LiveStream } from "../../src/live/live-stream.ts";

/** The part of a response that a stream writes to, full where it is said to be. */
class Pipe extends EventEmitter {
  readonly written: string[] = [];
  full = false;
  write(bytes: Uint8Array): boolean {
    this.written.push(Buffer.from(bytes).toString());
    return !this.full;
  }
  end(bytes: Uint8Array): void {
    this.write(bytes);
  }
  destroy(): void {}
}

const answerOf = (values: Readonly<Record<string, number>>): Answer =>
  ({
    metric: "m",
    version: 1,
    freshness: null,
    points: Object.entries(values).map(([from, value]) => ({ from, value })),
  }) as unknown as Answer;

function stage() {
  let seq = 0;
  const pace = { now: () => 0, sleep: () => Promise.resolve() };
  const engine = {} as never;
  const question = new LiveQuestion(
    "acme",
    "m",
    {},
    { engine, limits: LIVE_LIMITS, pace, nextSeq: () => ++seq },
  );
  const take = (values: Readonly<Record<string, number>>) =>
    question.book.take(answerOf(values), () => ++seq, false);
  const pipe = new Pipe();
  const open = (from?: number, watched = [{ ask: "m", question }]) =>
    new LiveStream({
      res: pipe as unknown as ServerResponse,
      tenant: "acme",
      watched,
      boot: "b",
      pace,
      seq: from,
      why: "start",
      allowed: async () => true,
    });
  const data = () =>
    pipe.written
      .splice(0)
      .join("")
      .split("\n")
      .flatMap((l) =>
        l.startsWith("data: ") ? [JSON.parse(l.slice(6))] : l.startsWith("id: ") ? [l] : [],
      );
  return { take, pipe, open, data, question };
}

test("changes behind a full pipe come once, as they are when it has room again", () => {
  const { take, pipe, open, data } = stage();
  take({ a: 1, b: 1, c: 1 });
  const stream = open();
  pipe.full = true;
  stream.send();
  assert.equal(data().length, 2);
  assert.equal(stream.blockedMs, 0);
  for (let i = 2; i < 100; i++) {
    take({ a: i, b: 1, ...(i < 50 ? { c: i } : {}) });
    stream.send();
  }
  assert.deepEqual(pipe.written, [], "nothing is written to a full pipe");
  pipe.full = false;
  pipe.emit("drain");
  const [cells, id] = data();
  assert.deepEqual(cells.points, [{ from: "a", value: 99 }]);
  assert.deepEqual(cells.gone, [{ from: "c" }]);
  assert.equal(id, "id: b.99");
});

test("resuming at any number gives just what changed above it; a number from before the book, everything", () => {
  const { take, open, data } = stage();
  take({ a: 1, b: 1 });
  take({ a: 2, b: 1 });
  take({ a: 2, b: 2 });
  for (const [from, points] of [
    [
      1,
      [
        ["a", 2],
        ["b", 2],
      ],
    ],
    [2, [["b", 2]]],
    [3, undefined],
  ] as const) {
    open(from).send();
    const [cells] = data();
    assert.deepEqual(
      cells?.points.map((p: { from: string; value: number }) => [p.from, p.value]),
      points,
    );
  }
  open(0).send();
  assert.equal(data()[0].why, "unknown_id");
});

test("a look that changes nothing but the freshness says nothing", () => {
  const { take, question } = stage();
  assert.equal(take({ a: 1 }), true);
  const later = { ...answerOf({ a: 1 }), freshness: "2026-01-01T00:00:00Z" };
  assert.equal(
    question.book.take(later, () => 9, false),
    false,
  );
  assert.equal(
    question.book.take(later, () => 9, true),
    true,
  );
});

test("another version of the metric begins anew", () => {
  const { take, question, open, data } = stage();
  take({ a: 1 });
  question.book.take({ ...answerOf({ a: 1 }), version: 2 }, () => 5, false);
  open(1).send();
  assert.equal(data()[0].why, "version");
});

test("removed points that are forgotten make an older number unknown", () => {
  const { take, question, open, data } = stage();
  take(Object.fromEntries(Array.from({ length: LIVE_LIMITS.gone + 2 }, (_, i) => [`p${i}`, i])));
  take({ p0: 0 });
  open(1).send();
  const [first] = data();
  assert.equal(first.why, "unknown_id");
  open(question.book.seq).send();
  assert.deepEqual(data(), []);
});

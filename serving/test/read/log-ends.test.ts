// The log's ends: asked once for many queries, and no query waits for a log that hangs.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EpochMs, OffsetRange } from "@tandem/shared-logic";
import { logEnds } from "../../src/read/log-ends.ts";

const clockAt = (now: { ms: number }) => ({ now: () => now.ms as EpochMs });

test("queries at once share one question, and its answer is kept for a moment", async () => {
  const now = { ms: 1000 };
  let asked = 0;
  const ranges = async (): Promise<OffsetRange[]> => [{ start: 0, end: 10 * ++asked }];
  const ends = logEnds({ ranges }, "events", clockAt(now), { keepMs: 200 });
  const [a, b] = await Promise.all([ends(), ends()]);
  assert.deepEqual(
    [a, b],
    [
      { at: 1000, ends: [10] },
      { at: 1000, ends: [10] },
    ],
  );
  now.ms = 1199;
  assert.deepEqual((await ends()).ends, [10]);
  now.ms = 1200;
  assert.deepEqual(await ends(), { at: 1200, ends: [20] });
});

test("a log that hangs or fails: no ends, at once, and the late answer is used when it comes", async () => {
  const now = { ms: 1000 };
  const hanging = Promise.withResolvers<OffsetRange[]>();
  const ends = logEnds({ ranges: () => hanging.promise }, "events", clockAt(now), { waitMs: 5 });
  assert.deepEqual(await ends(), { at: 1000, ends: [] });
  hanging.resolve([{ start: 0, end: 7 }]);
  await hanging.promise;
  now.ms = 1100;
  // Asked for at 1000: whoever reached offset 7 has what was there then.
  assert.deepEqual(await ends(), { at: 1000, ends: [7] });
  const failing = logEnds(
    { ranges: () => Promise.reject(new RangeError("gone")) },
    "events",
    clockAt(now),
  );
  assert.deepEqual((await failing()).ends, []);
});

// Arrays that come and go do not set off a full collection every 64 MB any more.
import assert from "node:assert/strict";
import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { countArrayBytesWithHeap } from "../../src/stack/count-array-bytes.ts";

interface GcEntry extends PerformanceEntry {
  readonly detail?: { readonly kind?: number };
}

const ARRAY_BYTES = 1 << 24;

/** Full collections while 2 GB of arrays are made, of which one is alive at a time. */
async function collections(): Promise<number> {
  let full = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as GcEntry[]) {
      if (entry.detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR) full++;
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  let alive = 0;
  for (let i = 0; i < 128; i++) {
    alive += new Uint8Array(ARRAY_BYTES).length;
    await setImmediate();
  }
  await setImmediate();
  observer.disconnect();
  assert.equal(alive, 2 ** 31);
  return full;
}

test("typed arrays set off full collections less often once they are counted with the heap", async () => {
  const before = await collections();
  countArrayBytesWithHeap();
  // One series may end a marking that began before it, and on a busy machine V8 begins some for idle time.
  const series = [await collections(), await collections(), await collections()];
  const after = Math.min(...series);
  assert.ok(after < before / 2, `${series} in place of ${before}`);
});

// What the kernel looks at many bytes at a time, it judges as its twin does to the byte: a clock's digits, and a text's end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_EVENT_LIMITS } from "../../../src/events/event-limits.ts";
import { EventValidator } from "../../../src/events/event-validator.ts";
import { KERNEL_ROWS, ROW_GOOD } from "../../../src/events/kernels/event-kernel.ts";
import { batchOf } from "../record-batch.ts";

const utf8 = new TextEncoder();
const decoder = new TextDecoder();
const eventAt = (timestamp: string): Uint8Array =>
  utf8.encode(
    `{"event_id":"b8829f5c-6d01-4770-beac-b771748ca60a","event_type":"view","timestamp":"${timestamp}","properties":{"n":12345678901,"a_key_of_more_than_sixteen":"${"x".repeat(90)}"},"user_id":"u1"}`,
  );
const TIME_AT = decoder.decode(eventAt("?")).indexOf("?");
const validator = new EventValidator({ ...DEFAULT_EVENT_LIMITS, imported: true }, [], "fast");

/** What the kernel says of texts that follow a shape known by now: status and time of each. */
function judged(bytes: Uint8Array, starts: Int32Array, ends: Int32Array) {
  const known = eventAt("2026-03-02T10:20:30.123Z");
  validator.validate(known, 0, known.length);
  validator.begin(bytes, 0, bytes.length);
  const rows: { readonly good: boolean; readonly timeMs: number }[] = [];
  for (let row = 0; row < starts.length; row += KERNEL_ROWS) {
    const count = Math.min(KERNEL_ROWS, starts.length - row);
    const kernel = validator.validateRows(starts, ends, row, count);
    assert.ok(kernel);
    for (let r = 0; r < count; r++) {
      rows.push({ good: kernel.status[r] === ROW_GOOD, timeMs: kernel.timeMs[r]! });
    }
  }
  validator.end();
  return rows;
}

test("a time with any byte in any place is what the twin takes it for", () => {
  const texts: Uint8Array[] = [];
  for (const base of ["2026-03-02T00:00:00.000Z", "2026-03-02T23:59:59.999Z"]) {
    for (let place = 0; place < base.length; place++) {
      for (let byte = 0; byte < 256; byte++) {
        const text = eventAt(base);
        text[TIME_AT + place] = byte;
        texts.push(text);
      }
    }
  }
  const { bytes, starts, ends } = batchOf(texts);
  const rows = judged(bytes, starts, ends);
  for (const [row, { good, timeMs }] of rows.entries()) {
    if (!good) continue;
    const facts = validator.validate(bytes, starts[row]!, ends[row]!);
    const text = decoder.decode(texts[row]);
    assert.ok("eventId" in facts, text);
    assert.equal(timeMs, facts.sentMs, text);
  }
  assert.ok(rows.filter((row) => row.good).length > 2 * 12 * 6);
});

test("a text that breaks off is none, whatever stands behind it", () => {
  const whole = eventAt("2026-03-02T10:20:30.123Z");
  const bytes = new Uint8Array([...whole, ...whole]);
  const ends = Int32Array.from({ length: whole.length }, (_, i) => i + 1);
  const rows = judged(bytes, new Int32Array(ends.length), ends);
  const good = rows.flatMap((row, r) => (row.good ? [ends[r]] : []));
  assert.deepEqual(good, [whole.length]);
});

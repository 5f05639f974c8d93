// The kernel equals its twins: columns of batches of events that look alike, with everything in them that makes one
// row differ from its neighbours, are the same with and without it. And it really does the work.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ColumnScanner } from "../../../src/events/column-scanner.ts";
import * as E from "../../../src/events/event-columns.ts";
import { DEFAULT_EVENT_LIMITS } from "../../../src/events/event-limits.ts";
import { EventValidator } from "../../../src/events/event-validator.ts";
import { KERNEL_ROWS, ROW_GOOD } from "../../../src/events/kernels/event-kernel.ts";
import { makeRecord } from "../../../src/events/make-record.ts";
import { ShapeScanner } from "../../../src/events/scanner/shape-scanner.ts";
import { validateEvent } from "../../../src/events/validate-event.ts";
import { below, type Random, seededRandom } from "../../../src/ports/random.ts";
import { batchOf } from "../record-batch.ts";
import { eventText, pick } from "./event-texts.ts";

const utf8 = new TextEncoder();
const FIELDS = ["tenant", "user", "event_type", "event_id", "tenant_id", "session_id"];
const PATHS = [
  ...FIELDS,
  "properties.price",
  "properties.country",
  "properties.deep.er",
  "properties",
];
function recordsOf(random: Random, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const bytes = utf8.encode(eventText(random, i));
    if (below(random, 40) === 0 && bytes.length > 0)
      bytes[below(random, bytes.length)] = below(random, 256);
    if (below(random, 30) > 0) return bytes;
    const facts = validateEvent(bytes, 0, bytes.length);
    return "eventId" in facts ? makeRecord(facts, utf8.encode("own"), 1_772_445_600_000) : bytes;
  });
}

/** Everything a reader of the columns can see. */
function picture(columns: E.EventColumns): unknown {
  const { count } = columns;
  const events: unknown[] = [];
  for (let row = 0; row < count; row++) {
    const fields = PATHS.map((path) => {
      const field = columns.field(path);
      // Half of the columns are asked for codes, as metrics would; the others for hashes straight away.
      const code = path.length % 2 === 0 ? field.codes()[row]! : undefined;
      const text =
        code === undefined ? field.text(row) : code < 0 ? code : field.interner.text(code);
      const hashes = [field.hashes()[2 * row], field.hashes()[2 * row + 1]];
      const decimal = path.startsWith("properties.p") ? field.decimals(2) : undefined;
      const units = decimal && [
        decimal.status[row],
        decimal.status[row] === E.DECIMAL_OK && decimal.units[row],
      ];
      return [path, field.kinds[row], text, hashes, units];
    });
    const header = [
      columns.timeMs[row],
      columns.sentMs[row],
      columns.receivedMs[row],
      columns.flags[row],
    ];
    const ids = columns.idHashes.slice(4 * row, 4 * row + 4);
    // Dead rows too: the archive shows them.
    events.push([columns.rowKinds[row], ...header, columns.userKinds[row], ...ids, fields]);
  }
  return events;
}

test("columns with the kernel and without are the same", (t) => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(seed);
    const interner = { internerLimit: { entries: below(random, 3000), sizeBytes: 100_000 } };
    const fast = new ColumnScanner(PATHS, { tenant: "theirs", kernels: "fast", ...interner });
    const plain = new ColumnScanner(PATHS, { tenant: "theirs", kernels: "js", ...interner });
    for (let round = 0; round < 4; round++) {
      const count = pick(random, [1, 7, 300, KERNEL_ROWS, KERNEL_ROWS + 1, 1700]);
      const batch = batchOf(recordsOf(random, count));
      assert.deepEqual(
        picture(fast.scan(batch)),
        picture(plain.scan(batch)),
        `seed ${seed}, round ${round}`,
      );
    }
  }
  t.diagnostic("seeds 1 to 30");
});

test("live events are decided as by the validator, and most rows are the kernel's", () => {
  const limits = { ...DEFAULT_EVENT_LIMITS };
  const random = seededRandom(9);
  const now = Date.UTC(2026, 2, 10);
  const validator = new EventValidator(limits, [], "fast");
  let [good, all] = [0, 0];
  for (let round = 0; round < 12; round++) {
    const batch = batchOf(Array.from({ length: 400 }, (_, i) => utf8.encode(eventText(random, i))));
    validator.begin(batch.bytes, 0, batch.bytes.length);
    const kernel = validator.validateRows(batch.starts, batch.ends, 0, batch.count, now);
    assert.ok(kernel);
    const status = kernel.status.slice(0, batch.count);
    const times = kernel.timeMs.slice(0, batch.count);
    for (let row = 0; row < batch.count; row++) {
      const [from, until] = [batch.starts[row]!, batch.ends[row]!];
      const facts = validator.validate(batch.bytes, from, until);
      all += round > 5 ? 1 : 0;
      if (status[row] !== ROW_GOOD) continue;
      good += round > 5 ? 1 : 0;
      assert.ok("eventId" in facts, `${round}/${row}: a twin refuses what the kernel takes`);
      const record = makeRecord(facts, utf8.encode("t"), now);
      const decided = new DataView(record.buffer, record.byteOffset).getFloat64(36, true);
      assert.equal(times[row], decided, `${round}/${row}`);
    }
    validator.end();
  }
  assert.ok(good > all * 0.4, `${good} of ${all} rows`);
});

test("of a new shape the first row alone is the twin's, whatever stands behind it", (t) => {
  const ids = { event_id: "", event_type: "view", timestamp: "2026-03-02T10:00:00Z" };
  const shapes = [{}, { a: 1 }, { user_id: "u" }, { properties: { price: 5 } }];
  const texts = Array.from({ length: 3000 }, (_, i) =>
    utf8.encode(JSON.stringify({ ...ids, event_id: `e${i}`, ...shapes[Math.floor(i / 700)] })),
  );
  const twin = t.mock.method(EventValidator.prototype, "validate");
  const learned = t.mock.method(ShapeScanner.prototype, "scan");
  const foreign = new ColumnScanner(FIELDS, { kernels: "fast" }).scan(batchOf(texts));
  assert.equal(foreign.rowKinds.indexOf(E.ROW_DEAD), -1);
  // The last 200 rows have the first shape again.
  assert.equal(twin.mock.callCount(), shapes.length);
  const own = texts.map((text) => {
    const facts = validateEvent(text, 0, text.length);
    assert.ok("eventId" in facts);
    return makeRecord(facts, utf8.encode("own"), 1_772_445_600_000);
  });
  learned.mock.resetCalls();
  new ColumnScanner(FIELDS, { kernels: "fast" }).scan(batchOf(own)).field("session_id").codes();
  assert.equal(learned.mock.callCount(), shapes.length);
});

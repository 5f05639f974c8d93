// What comes late: shown at once with an interval, counted as pending, made exact by the next run, and
// nothing else changes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue, type Metric } from "@tandem/shared-logic";
import { exactly, Stage, type Told, told } from "./stage.ts";

const named = (...names: string[]): Metric[] => catalogue.filter((m) => names.includes(m.name));

for (const [hours, moment, answer] of [
  // The filters have the whole day until 24 hours behind its end.
  [
    30,
    "2026-03-03T16:00:00Z",
    exactly(2, { high: 3, exact: false, layer: "both", late_pending: 1 }),
  ],
  [
    40,
    "2026-03-04T02:00:00Z",
    exactly(3, { low: 2, exact: false, layer: "both", late_pending: 1, unchecked: 1 }),
  ],
] as const) {
  const doubt = hours === 30 ? "is suspected" : "counts as unchecked";
  test(`a copy that comes ${hours} hours late ${doubt} until the next run knows better`, async () => {
    const stage = await Stage.at("2026-03-02T10:00:05Z", named("events"));
    const first: Told = { id: "a", at: "2026-03-02T10:00:00Z" };
    await stage.send(first, { id: "b", at: "2026-03-02T10:00:01Z" });
    await stage.until("2026-03-03T00:10:00Z");
    await stage.seal();
    await stage.fold();
    assert.deepEqual(told(await stage.day("events", "2026-03-02")), exactly(2));

    // The ring has forgotten it.
    await stage.until("2026-03-03T12:00:00Z");
    for (const id of ["c", "d", "e", "f", "g"])
      await stage.send({ id, at: "2026-03-03T11:59:00Z" });
    await stage.until(moment);
    await stage.send(first);
    await stage.fold();
    assert.deepEqual(told(await stage.day("events", "2026-03-02")), answer);

    await stage.seal();
    await stage.fold();
    assert.deepEqual(told(await stage.day("events", "2026-03-02")), exactly(2));
  });
}

test("a late event at 23:50 also corrects the next day's sessions", async () => {
  const stage = await Stage.at("2026-03-03T00:06:00Z", named("sessions"));
  await stage.send({ id: "after", at: "2026-03-03T00:05:00Z" });
  await stage.until("2026-03-04T00:10:00Z");
  await stage.seal();
  await stage.fold();
  assert.deepEqual(told(await stage.day("sessions", "2026-03-03")), exactly(1));

  await stage.send({ id: "before", at: "2026-03-02T23:50:00Z" });
  await stage.fold();
  const shown = await stage.day("sessions", "2026-03-03");
  assert.equal(shown.points[0]?.value, 0);
  assert.equal(shown.points[0]?.layer, "both");
  assert.equal(shown.points[0]?.exact, false);

  const { sealed } = await stage.seal();
  await stage.fold();
  assert.equal(sealed.length, 2);
  assert.deepEqual(told(await stage.day("sessions", "2026-03-02")), exactly(1));
  assert.deepEqual(told(await stage.day("sessions", "2026-03-03")), exactly(0));
});

test("a rerun changes only what the late event changes", async () => {
  const stage = await Stage.at("2026-03-02T10:00:00Z", named("events", "revenue", "sessions"));
  const days = ["2026-03-02", "2026-03-03", "2026-03-04"];
  for (const day of days) {
    await stage.until(`${day}T12:00:00Z`);
    await stage.send(
      { id: `view ${day}`, at: `${day}T11:59:00Z` },
      { id: `buy ${day}`, at: `${day}T11:59:30Z`, type: "purchase", price: 5 },
    );
  }
  await stage.until("2026-03-05T00:10:00Z");
  await stage.fold();
  await stage.seal();
  const runs = async (): Promise<Map<string, string>> => {
    const found = new Map<string, string>();
    for (const day of days)
      for (const [fp, entry] of Object.entries((await stage.ledger(day)).entries))
        found.set(`${fp.split("@")[0]} ${day}`, entry.run);
    return found;
  };
  const before = await runs();
  assert.equal(before.size, 9);

  await stage.send({ id: "late", at: "2026-03-03T13:00:00Z", type: "page_view" });
  await stage.seal();
  const after = await runs();
  const changed = [...before.keys()].filter((key) => before.get(key) !== after.get(key)).sort();
  // The next day's sessions may have begun in it; no other day, and no metric of another day.
  assert.deepEqual(changed, [
    "events 2026-03-03",
    "revenue 2026-03-03",
    "sessions 2026-03-03",
    "sessions 2026-03-04",
  ]);
  await stage.fold();
  const answer = await stage.day("events", "2026-03-03", { by: "event_type" });
  const values = answer.points.map((p) => [p.by?.["event_type"], p.value]);
  assert.deepEqual(values, [
    ["page_view", 2],
    ["purchase", 1],
  ]);
  assert.deepEqual(told(await stage.day("revenue", "2026-03-03")), exactly(5));

  const again = await stage.seal();
  assert.deepEqual([again.planned, await runs()], [0, after]);
});

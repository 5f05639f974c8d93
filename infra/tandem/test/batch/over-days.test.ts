// Over ranges of days, after batch: a top list finds what is second every day and first of all days, although each
// day keeps fewer values; and a rolling window counts its users on a day on which nothing at all happened.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { systemClock } from "@tandem/adapters/embedded";
import { COLLECTOR_LIMITS, collectorCounters, createAcceptor } from "@tandem/ingest";
import { DAY_MS } from "@tandem/shared-logic";
import { Tandem } from "../../src/tandem.ts";

const METRICS = `import { activeWithin, metric, perUser, text, topK } from "@tandem/shared-logic";
const words = { unit: "things", version: 1, examples: [] };
export const top = metric({ name: "top_pages_of_one", title: "t", ...words,
  reducer: topK(text("properties.path"), { k: 1 }), by: [["properties.path"]] });
export const within = metric({ name: "within_three", title: "w", ...words,
  reducer: perUser(activeWithin({ days: 3 })), by: [] });
`;
const FROM = Date.UTC(2026, 0, 5);
/** Of each day one page is seen three times, another one every day twice; on the third nothing is. */
const DAYS = [0, 1, 3, 6];
const RANGE = { from: "2026-01-05T00:00:00Z", until: "2026-01-12T00:00:00Z" };

const folder = mkdtempSync(join(tmpdir(), "tandem-over-days-"));
after(() => rmSync(folder, { recursive: true, force: true }));

async function opened(): Promise<Tandem> {
  mkdirSync(join(folder, "metrics"));
  writeFileSync(join(folder, "metrics", "own.ts"), METRICS);
  const tandem = await Tandem.open({
    dataDir: join(folder, "data"),
    clock: systemClock(),
    metricFolders: [join(folder, "metrics")],
    partitions: 1,
    threads: 0,
  });
  const acceptor = createAcceptor({
    ...tandem.ports,
    dataset: tandem.dataset.dataset,
    limits: COLLECTOR_LIMITS,
    counters: collectorCounters(),
  });
  const events = DAYS.flatMap((day) =>
    [`/of-day-${day}`, "/every-day", `/of-day-${day}`, "/every-day", `/of-day-${day}`].map(
      (path, i) => ({
        event_id: `${day}-${i}`,
        event_type: "view",
        timestamp: FROM + day * DAY_MS + i * 1000,
        user_id: `u${day}`,
        properties: { path },
      }),
    ),
  );
  const body = Buffer.from(events.map((event) => JSON.stringify(event)).join("\n"));
  const result = await acceptor.accept({ body, tenant: "default", mode: "import" });
  assert.equal(result?.accepted, events.length, JSON.stringify(result));
  await tandem.runBatch({ includeOpen: true });
  return tandem;
}

test("over days of which batch keeps a value each, lists and rolling windows are exact", async () => {
  const tandem = await opened();
  try {
    const points = async (metric: string, grain: string, by?: string, where?: string) => {
      const result = await tandem.queries.query(
        {
          ...{ ...RANGE, grain },
          ...(by === undefined ? {} : { by }),
          ...(where === undefined ? {} : { where }),
        },
        metric,
        "default",
      );
      assert.ok(result.ok, JSON.stringify(result));
      return result.answer.points;
    };
    const PATH = "properties.path";
    for (const grain of ["total", "week"]) {
      const [first, ...others] = await points("top_pages_of_one", grain, PATH);
      assert.deepEqual(others, []);
      assert.equal(first?.by?.[PATH], "/every-day");
      assert.deepEqual([first?.value, first?.low, first?.high, first?.exact], [8, 8, 8, true]);
    }
    const all = await points("top_pages_of_one", "day", PATH);
    const daily = all.filter((p) => p.value !== 0);
    assert.deepEqual(
      daily.map((p) => [p.from.slice(8, 10), p.by?.[PATH], p.value]),
      DAYS.map((day) => [`0${5 + day}`.slice(-2), `/of-day-${day}`, 3]),
    );
    // What a full day does not name it had at most as often as what it names; what is no full list is all there was.
    for (const p of all.filter((point) => point.value === 0)) {
      const full = daily.some((one) => one.from === p.from);
      assert.deepEqual([p.low, p.high, p.exact], [0, full ? 3 : 0, !full], JSON.stringify(p));
    }
    const alone = await points("top_pages_of_one", "day", undefined, `${PATH}:/every-day`);
    assert.deepEqual(
      alone.map((p) => [p.value, p.low, p.high, p.exact]),
      [0, 1, 2, 3, 4, 5, 6].map((day) => (DAYS.includes(day) ? [0, 0, 3, false] : [0, 0, 0, true])),
    );
    // Its week does not name it, but its day does: at least that, and at most what the week names.
    for (const grain of ["week", "total"]) {
      const [ranged] = await points("top_pages_of_one", grain, undefined, `${PATH}:/of-day-1`);
      assert.deepEqual([ranged?.value, ranged?.low, ranged?.high, ranged?.exact], [3, 3, 8, false]);
    }
    const rolling = await points("within_three", "day");
    assert.deepEqual(
      rolling.map((p) => [p.value, p.exact]),
      [1, 2, 2, 2, 1, 1, 1].map((users) => [users, true]),
    );
  } finally {
    await tandem.close();
  }
});

// Pages of breakdowns: each group on one page whatever happens between them, all of one reading where the process is
// the same, and a cursor that is good for nothing but what it was given for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@tandem/client";
import { QueryEngine, type QueryParams } from "@tandem/serving";
import {
  type Answer,
  count,
  distinct,
  metric,
  perUser,
  seededRandom,
  sessions,
  type UtcDay,
  user,
} from "@tandem/shared-logic";
import { startServing } from "./http-fixture.ts";
import { at, DATASET, DAY, World } from "./serving-fixture.ts";

const base = { title: "T", unit: "events", version: 1, examples: [] };
const DIM = "properties.country";
const BY = [[DIM], [DIM, "event_type"]];
const events = metric({ ...base, name: "events", reducer: count(), by: BY });
const users = metric({ ...base, name: "users", reducer: distinct(user()), by: BY });
const visits = metric({ ...base, name: "visits", reducer: perUser(sessions()), by: BY });
const METRICS = [events, users, visits];
const RANGE = { from: "2019-10-01", until: "2019-10-03" };

interface Made {
  readonly w: World;
  /** More events, seen at once; then a day sealed, now and then. */
  change(): Promise<void>;
  /** Another process over the same stores. */
  other(): QueryEngine;
}

async function made(seed: number, groups = 13): Promise<Made> {
  const random = seededRandom(seed);
  const below = (n: number): number => random.u32() % n;
  const w = await World.create(METRICS);
  const add = (n: number, country: () => string): void => {
    for (let i = 0; i < n; i++)
      w.append(
        {
          timestamp: new Date((DAY + below(2)) * 86_400_000 + below(86_400) * 1000).toISOString(),
          event_type: below(3) === 0 ? "buy" : "view",
          user_id: `u${below(40)}`,
          properties: { country: country() },
        },
        { partition: below(2) },
      );
  };
  for (let g = 0; g < groups; g++) add(1 + below(3), () => `c${g}`);
  await w.flushAll();
  const change = async (): Promise<void> => {
    add(6, () => `c${below(groups + 5)}`);
    if (below(3) === 0)
      for (const m of METRICS) await w.publish(m, (DAY + below(2)) as UtcDay, w.cut());
    await w.flushAll();
  };
  const other = () =>
    new QueryEngine({
      views: w.views,
      objects: w.objects,
      clock: { now: () => w.now },
      metrics: METRICS,
      dataset: DATASET,
    });
  return { w, change, other };
}

const named = (answer: Answer): string[] => [
  ...new Set(answer.points.map((p) => JSON.stringify(p.by)).filter((by) => !by.includes("(rest)"))),
];
const sum = (points: Answer["points"]): number => points.reduce((n, p) => n + Number(p.value), 0);

/** The pages up to the last, or to the code of what came in place of one. */
async function turned(
  first: QueryEngine,
  name: string,
  params: QueryParams,
  between: () => Promise<QueryEngine>,
): Promise<{ pages: Answer[]; ended: string }> {
  const pages: Answer[] = [];
  for (let engine = first, cursor = {}; ; engine = await between()) {
    const result = await engine.query({ ...params, ...cursor }, name, "acme");
    if (!result.ok) return { pages, ended: result.problem.code };
    pages.push(result.answer);
    if (result.answer.next === undefined) return { pages, ended: "last" };
    cursor = { cursor: result.answer.next };
  }
}

test("every group is on one page, of one reading, whatever is flushed and sealed between them", async () => {
  for (const [i, order] of ["value", "-value", "name", "-name"].entries()) {
    const { w, change } = await made(i + 1);
    for (const { name } of METRICS) {
      const params = { ...RANGE, grain: "day", by: DIM, order, limit: String(4 + i) };
      const whole = await w.ask(name, { ...params, limit: "9999" });
      const { pages, ended } = await turned(w.engine, name, params, async () => {
        await change();
        return w.engine;
      });
      const what = `${name} ${order}`;
      assert.equal(ended, "last", what);
      assert.ok(pages.length > 1, what);
      assert.deepEqual(pages.flatMap(named), named(whole), what);
      assert.equal(pages[0]?.groups, named(whole).length);
      const points = pages.flatMap((p) => p.points).filter((p) => p.by?.[DIM] !== "(rest)");
      const key = (p: Answer["points"][0]) => JSON.stringify([p.from, p.by]);
      const expected = new Map(whole.points.map((p) => [key(p), p]));
      for (const p of points) assert.deepEqual(p, expected.get(key(p)), what);
      assert.equal(points.length, whole.points.length, what);
      for (const page of pages) assert.deepEqual(page.total, pages[0]?.total);
      if (name === "events") assert.equal(sum(points), sum(pages[0]?.total ?? []), what);
    }
  }
});

test("a process that did not keep the pages: the same while the views are, by name always, else gone", async () => {
  for (let seed = 1; seed <= 2; seed++) {
    const { w, change, other } = await made(seed);
    for (const order of ["-value", seed === 1 ? "name" : "-name"]) {
      const params = { ...RANGE, grain: "total", by: DIM, order, limit: "4" };
      const before = named(await w.ask(events, { ...params, limit: "9999" }));
      const still = await turned(w.engine, "events", params, async () => other());
      assert.deepEqual([still.ended, still.pages.flatMap(named)], ["last", before]);
      const moved = await turned(w.engine, "events", params, async () => {
        await change();
        return other();
      });
      const what = `seed ${seed} ${order}`;
      const seen = moved.pages.flatMap(named);
      assert.equal(new Set(seen).size, seen.length, what);
      if (order === "-value") assert.deepEqual([moved.ended, seen.length], ["cursor_gone", 4]);
      else {
        assert.equal(moved.ended, "last", what);
        for (const group of before) assert.ok(seen.includes(group), `${what} ${group}`);
      }
    }
    // What batch sealed does not move with the log.
    for (const m of METRICS) await w.publish(m, DAY, w.cut());
    const params = { ...RANGE, grain: "total", by: DIM, limit: "4", consistency: "sealed" };
    const sealed = await turned(w.engine, "events", params, async () => {
      w.append({ timestamp: "2019-10-02T10:00:00Z", properties: { country: "c1" } });
      await w.flushAll();
      return other();
    });
    assert.equal(sealed.ended, "last");
    assert.equal(sealed.pages.flatMap(named).length, sealed.pages[0]?.groups);
  }
});

test("a range without an end, comparisons and conditions are those of the first page", async () => {
  const { w } = await made(5);
  w.now = at("2019-10-02T23:59:30Z");
  const params = {
    by: DIM,
    limit: "5",
    grain: "hour",
    compare: "previous_period",
    where: `${DIM}!=c3 and event_type in (view, buy)`,
  };
  const { pages, ended } = await turned(w.engine, "events", params, async () => {
    w.now = at("2019-10-03T00:40:00Z");
    return w.engine;
  });
  assert.equal(ended, "last");
  assert.equal(new Set(pages.map((p) => `${p.from} ${p.until} ${p.filter}`)).size, 1);
  assert.ok(!pages.flatMap(named).includes(JSON.stringify({ [DIM]: "c3" })));
  for (const page of pages) {
    const groups = new Set(page.compare?.points.map((p) => JSON.stringify(p.by)));
    assert.deepEqual(
      groups,
      new Set(page.compare?.points.length ? page.points.map((p) => JSON.stringify(p.by)) : []),
    );
  }
});

test("a cursor that was cut, changed, made by somebody else, of another key or question, or is old", async (t) => {
  const { w } = await made(3);
  const api = await startServing(t, w);
  const path = `/metrics/events?from=2019-10-01&until=2019-10-03&grain=total&by=${DIM}&limit=4`;
  const first = await api.get(path);
  const next: string = first.body.next;
  assert.equal(first.headers.get("link"), `<?${path.split("?")[1]}&cursor=${next}>; rel="next"`);
  const told = async (address: string, key?: string): Promise<[number, string]> => {
    const { status, body } = key
      ? await api.request(address, api.bearer(key))
      : await api.get(address);
    if (status === 200) return [200, ""];
    assert.equal(body.error.parameter, "cursor", JSON.stringify(body));
    assert.ok(body.error.would_work.length > 0 && body.error.expected);
    return [status, body.error.code];
  };
  const bad = [400, "bad_query"];
  const good = `${path}&cursor=${next}`;
  assert.deepEqual(await told(good), [200, ""]);
  // Order of parameters and form are no part of a question.
  assert.deepEqual(await told(`/query?metrics=events&cursor=${next}&${path.split("?")[1]}`), [
    200,
    "",
  ]);
  assert.equal((await api.get(`${good}&format=json`)).status, 200);
  for (let i = 0; i < next.length; i++) {
    const other = next[i] === "A" ? "B" : "A";
    const text = next.slice(0, i) + other + next.slice(i + 1);
    assert.deepEqual(await told(`${path}&cursor=${text}`), bad, `character ${i}`);
  }
  for (const text of ["", "x", next.slice(0, -1), `${next}A`, `${next}=`, next.repeat(3), "%00"])
    assert.deepEqual(await told(`${path}&cursor=${text}`), bad, text);
  assert.deepEqual(await told(`${good}&cursor=${next}`), bad);
  const { presented } = await api.makeKey("zyxcorp", "read");
  assert.deepEqual(await told(good, presented), bad);
  for (const [from, to] of [
    ["limit=4", "limit=5"],
    ["2019-10-03", "2019-10-02"],
    ["events?", "users?"],
    ["grain=total", "grain=day"],
    ["&limit=4", ""],
  ] as const)
    assert.deepEqual(await told(good.replace(from, to)), bad, to);
  assert.deepEqual(await told(`/query?metrics=events,users&${good.split("?")[1]}`), bad);
  const foreign = await made(3);
  const theirs = await foreign.w.ask(events, { ...RANGE, grain: "total", by: DIM, limit: "4" });
  assert.deepEqual(await told(`${path}&cursor=${theirs.next}`), bad);
  w.now = (w.now + 3_600_000) as typeof w.now;
  assert.deepEqual(await told(good), [200, ""]);
  w.now = (w.now + 1) as typeof w.now;
  assert.deepEqual(await told(good), bad);
});

test("an installation's processes make one secret; a configured one is another", async () => {
  const { w, other } = await made(2);
  const params = { ...RANGE, grain: "total", by: DIM, limit: "7" };
  const engines = [other(), other(), other()];
  const firsts = await Promise.all(engines.map((e) => e.query(params, "events", "acme")));
  for (const first of firsts)
    for (const engine of engines) {
      assert.ok(first.ok && first.answer.next);
      const result = await engine.query({ ...params, cursor: first.answer.next }, "events", "acme");
      assert.ok(result.ok);
    }
  const options = {
    views: w.views,
    clock: { now: () => w.now },
    metrics: METRICS,
    dataset: DATASET,
  };
  const own = new QueryEngine({ ...options, cursorSecret: "a secret of our own" });
  const first = await own.query(params, "events", "acme");
  assert.ok(first.ok);
  const cursor = first.answer.next;
  const same = new QueryEngine({ ...options, cursorSecret: "a secret of our own" });
  assert.ok((await same.query({ ...params, cursor }, "events", "acme")).ok);
  assert.ok(!(await w.engine.query({ ...params, cursor }, "events", "acme")).ok);
});

test("the client's pages, the header in every format, and 410 where the views are others", async (t) => {
  const { w, change, other } = await made(7);
  const api = await startServing(t, w);
  const { presented: key } = await api.makeKey("acme", "read");
  const client = createClient({ url: api.url, key });
  const question = { ...RANGE, grain: "total", by: [DIM], limit: 5 } as const;
  const sizes: number[] = [];
  for await (const page of client.pages("events", question)) {
    assert.ok(page.ok);
    sizes.push(named(page.value as Answer).length);
  }
  assert.deepEqual(sizes, [5, 5, 3]);
  const path = `/metrics/events?from=2019-10-01&until=2019-10-03&grain=total&by=${DIM}&limit=5`;
  for (const format of ["csv", "ndjson", "arrow", "json"]) {
    let address: string | undefined = `${path}&format=${format}`;
    let pages = 0;
    for (; address; pages++) {
      const response: Response = await fetch(api.url + address, api.bearer(key));
      assert.equal(response.status, 200);
      await response.arrayBuffer();
      const link = /^<(\?[^>]+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1];
      const tag = response.headers.get("etag") ?? "";
      const again = await fetch(api.url + address, api.bearer(key, { "if-none-match": tag }));
      assert.deepEqual(
        [again.status, again.headers.get("link")],
        [304, response.headers.get("link")],
      );
      address = link && `/metrics/events${link}`;
    }
    assert.equal(pages, 3, format);
  }
  // A process that has not kept them, once the views are others.
  const started = await client.query("events", question);
  assert.ok(started.ok);
  await change();
  const second = await startServing(t, { ...w, views: w.views, engine: other() } as World);
  const moved = createClient({ url: second.url, key });
  const { next: cursor = "" } = started.value;
  const gone = await moved.query("events", { ...question, cursor });
  assert.ok(!gone.ok);
  assert.deepEqual([gone.error.status, gone.error.code], [410, "cursor_gone"]);
  assert.ok(gone.error.would_work.some((w) => w.startsWith("order=name")));
});

test("more than is kept goes on while the views are the same", async () => {
  const { w, change } = await made(4, 16);
  const params = { from: "2019-10-01", until: "2019-10-03", grain: "minute", by: DIM, limit: "8" };
  const first = await w.ask(events, params);
  const second = await w.engine.query({ ...params, cursor: first.next }, "events", "acme");
  assert.ok(second.ok && second.answer.next === undefined);
  assert.equal(new Set([...named(first), ...named(second.answer)]).size, first.groups);
  await change();
  const third = await w.engine.query({ ...params, cursor: first.next }, "events", "acme");
  assert.ok(!third.ok && third.problem.code === "cursor_gone");
});

// Pages of breakdowns: each group on one page whatever happens between them, and all of one reading where the
// process is the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@tandem/client";
import type { Answer } from "@tandem/shared-logic";
import { startServing } from "./http-fixture.ts";
import { DIM, events, METRICS, named, pagedWorld, RANGE, turned } from "./paged-world.ts";
import { at, DAY, type World } from "./serving-fixture.ts";

const sum = (points: Answer["points"]): number => points.reduce((n, p) => n + Number(p.value), 0);

test("every group is on one page, of one reading, whatever is flushed and sealed between them", async () => {
  for (const [i, order] of ["value", "-value", "name", "-name"].entries()) {
    const { w, change } = await pagedWorld(i + 1);
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
    const { w, change, other } = await pagedWorld(seed);
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
  const { w } = await pagedWorld(5);
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

test("the client's pages, the header in every format, and 410 where the views are others", async (t) => {
  const { w, change, other } = await pagedWorld(7);
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
  const { w, change } = await pagedWorld(4, 16);
  const params = { from: "2019-10-01", until: "2019-10-03", grain: "minute", by: DIM, limit: "8" };
  const first = await w.ask(events, params);
  const second = await w.engine.query({ ...params, cursor: first.next }, "events", "acme");
  assert.ok(second.ok && second.answer.next === undefined);
  assert.equal(new Set([...named(first), ...named(second.answer)]).size, first.groups);
  await change();
  const third = await w.engine.query({ ...params, cursor: first.next }, "events", "acme");
  assert.ok(!third.ok && third.problem.code === "cursor_gone");
});

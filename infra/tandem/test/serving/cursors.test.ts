// A page's cursor is good for nothing but what it was given for, on every process of the installation.
import assert from "node:assert/strict";
import { test } from "node:test";
import { QueryEngine } from "@tandem/serving";
import { startServing } from "./http-fixture.ts";
import { DIM, events, METRICS, pagedWorld, RANGE } from "./paged-world.ts";
import { DATASET } from "./serving-fixture.ts";

test("a cursor that was cut, changed, made by somebody else, of another key or question, or is old", async (t) => {
  const { w } = await pagedWorld(3);
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
  const foreign = await pagedWorld(3);
  const theirs = await foreign.w.ask(events, { ...RANGE, grain: "total", by: DIM, limit: "4" });
  assert.deepEqual(await told(`${path}&cursor=${theirs.next}`), bad);
  w.now = (w.now + 3_600_000) as typeof w.now;
  assert.deepEqual(await told(good), [200, ""]);
  w.now = (w.now + 1) as typeof w.now;
  assert.deepEqual(await told(good), bad);
});

test("an installation's processes make one secret; a configured one is another", async () => {
  const { w, other } = await pagedWorld(2);
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

// Whatever is asked, the API answers it or says what would work: never a 500, never a word of another tenant, of
// this machine or of the code. Every parameter of the route table takes part, alone and mixed.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ROUTES, type Route } from "@tandem/serving";
import {
  count,
  distinct,
  eventType,
  funnel,
  metric,
  perUser,
  seededRandom,
  text,
  topK,
  user,
} from "@tandem/shared-logic";
import { startServing } from "./http-fixture.ts";
import { DAY, World } from "./serving-fixture.ts";

const base = { title: "T", unit: "events", version: 1, examples: [] };
const BY = [["properties.country"]];
const METRICS = [
  metric({ ...base, name: "events", reducer: count(), by: BY }),
  metric({ ...base, name: "users", reducer: distinct(user()), by: BY }),
  metric({
    ...base,
    name: "steps",
    reducer: perUser(
      funnel({
        steps: [eventType("view"), eventType("buy")],
        windowMs: 3_600_000,
      }),
    ),
    by: [["step"]],
  }),
  metric({
    ...base,
    name: "top",
    reducer: topK(text("properties.country"), { k: 2 }),
    by: BY,
  }),
];
const OTHER = ["zyxcorp", "zyxland", "zyxuser"];
const LEAKS = [
  ...OTHER,
  "/tmp",
  "/home",
  "/work",
  "node_modules",
  "node:",
  ".ts:",
  "    at ",
  "TypeError",
];
const LONG = "x".repeat(3000);
const HOSTILE = [
  "",
  " ",
  ",",
  ",,,",
  "null",
  "undefined",
  "NaN",
  "0",
  "-1",
  "1e308",
  "1e999",
  "0x10",
  "99999999999999999999",
  "true",
  "[]",
  "{}",
  "\0",
  "\u0000DE",
  "\u202e",
  "\ud800",
  "ДЕ",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "../../etc/passwd",
  "';DROP TABLE view_rows;--",
  "<script>alert(1)</script>",
  "${7*7}",
  "%00",
  "\r\nSet-Cookie: a=b",
  "zyx",
  "(((((((((((((((((((((((((((((((((((((((((",
  `properties.country in (${"a,".repeat(600)}b)`,
  `${"not ".repeat(500)}properties.country=DE`,
  'properties.country="',
  'properties.country="\\u12"',
  "properties.country in (",
  "properties.country=DE and",
  "event_id=1",
  "properties.country=DE and properties.country=FR",
  "0001-01-01",
  "1619-10-01",
  "2019-13-45",
  "2019-10-01T25:00:00Z",
  "+275760-09-13",
  "-271821-04-20",
  "2019-10-01T00:00:00.0001Z",
  "Mars/Olympus",
  "Europe/../Berlin",
  "+05:30",
  "Asia/Kathmandu",
  "9999999999d",
  "r1.0-1.a",
  "r1.9999-zzzzzzzzzzz.zzzzzzz",
  "2019-10-01-0123456789abcdef0123456789abcdef",
  "events@0",
  "events@99999999999999999999",
  "events@-1",
  "events,events",
  "events?from=x",
  "steps?by=step&grain=day",
  LONG,
];
const GOOD: Readonly<Record<string, readonly string[]>> = {
  name: ["events", "users", "steps", "top", "events@1"],
  metrics: ["events", "events,users", "steps,top"],
  metric: ["events"],
  ask: ["events?grain=hour", "users"],
  from: ["2019-10-01", "2019-10-01T00:00:00Z"],
  until: ["2019-10-02", "2019-11-01", "2419-10-01"],
  grain: ["minute", "hour", "day", "week", "month", "total"],
  by: ["properties.country", "step"],
  where: ["properties.country=DE", "properties.country in (DE, FR)", "not properties.country=DE"],
  tz: ["UTC", "Europe/Berlin", "Pacific/Apia"],
  layer: ["both", "batch", "speed"],
  asOf: ["2019-10-04"],
  compare: ["previous_period", "previous_year"],
  limit: ["1", "9999"],
  order: ["value", "-value", "name", "-name"],
  consistency: ["sealed", "fresh"],
  max_staleness: ["0", "1s", "999999999d"],
  max_error: ["0", "0.5", "1"],
  format: ["json", "csv", "ndjson"],
  unexplained: ["true", "false"],
};
const ASKING = ROUTES.filter((r) => r.parameters.length > 0);
const STATUSES = [200, 400, 404, 406, 409, 414, 422];
/** Refused as a whole: there is nothing to put in place of a value. */
const WHOLE = ["not_found", "not_acceptable", "bad_address", "address_too_long"];

async function started(t: TestContext) {
  const w = await World.create(METRICS);
  for (const [country, event_type] of [
    ["DE", "view"],
    ["FR", "buy"],
    ["IT", "view"],
  ] as const)
    w.append({ timestamp: "2019-10-01T10:00:00Z", event_type, properties: { country } });
  const where = { tenant: "zyxcorp", partition: 1 };
  const theirs = { user_id: "zyxuser", properties: { country: "zyxland" } };
  w.append({ timestamp: "2019-10-01T10:00:00Z", event_type: "view", ...theirs }, where);
  for (const m of METRICS) await w.publish(m, DAY, w.cut());
  w.append({ timestamp: "2019-10-02T10:00:00Z", properties: { country: "US" } });
  await w.flushAll();
  const api = await startServing(t, w);
  const { presented } = await api.makeKey("acme", "read");
  await api.makeKey("zyxcorp", "read");
  return { api, headers: { authorization: `Bearer ${presented}` } };
}

type Started = Awaited<ReturnType<typeof started>>;
type Pairs = readonly (readonly [name: string, value: string])[];

/** Well-formed text, as an address can hold it. */
const encoded = (value: string): string => encodeURIComponent(value.toWellFormed());

function addressOf(route: Route, pairs: Pairs): string {
  const name = pairs.find(([n]) => n === "name")?.[1] ?? "events";
  const query = pairs.filter(([n]) => n !== "name").map(([n, v]) => `${encoded(n)}=${encoded(v)}`);
  return `${route.path.replace("{name}", encoded(name))}?${query.join("&")}`;
}

/** As far as it can be. */
function unescaped(address: string): string {
  try {
    return decodeURIComponent(address.replaceAll("+", " "));
  } catch {
    return address;
  }
}

async function checked({ api, headers }: Started, address: string, seen: Map<number, number>) {
  const stop = new AbortController();
  const response = await fetch(api.url + address, { headers, signal: stop.signal });
  const { status } = response;
  seen.set(status, (seen.get(status) ?? 0) + 1);
  const told = `${status} of ${address.slice(0, 500)}`;
  assert.ok(STATUSES.includes(status), `${told}: ${JSON.stringify(api.logged.at(-1))}`);
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) return stop.abort();
  const body = await response.text();
  // What was asked comes back in `got`: that is no leak.
  for (const leak of LEAKS)
    if (!unescaped(address).includes(leak))
      assert.ok(!body.includes(leak), `${leak} in ${told}: ${body.slice(0, 2000)}`);
  if (status === 200) return;
  const { error } = JSON.parse(body);
  assert.ok(body.length < 20_000, `${body.length} characters of ${told}`);
  if (WHOLE.includes(error.code)) return;
  assert.ok(error.would_work?.length > 0, `nothing would work: ${told}: ${body}`);
  assert.ok(
    error.parameter !== undefined && error.expected && error.got !== undefined,
    `${told}: ${body}`,
  );
}

test("every parameter of every route with every hostile value, alone, twice and under no name", async (t) => {
  const s = await started(t);
  const seen = new Map<number, number>();
  const asked =
    ROUTES.find((r) => r.path === "/metrics/{name}")?.parameters.map((p) => p.name) ?? [];
  let turn = 0;
  for (const route of ASKING)
    for (const { name } of [...route.parameters, { name: "__proto__" }, { name: "where.x" }]) {
      const usual: Pairs =
        route.path === "/query" || route.path === "/live" ? [["metrics", "events"]] : [];
      const rest = usual.filter(([n]) => n !== name);
      // What all questions have in common is one parser's: a part of the values does for the other routes.
      const shared = route.path !== "/metrics/{name}" && asked.includes(name);
      const values = HOSTILE.filter((_, i) => !shared || i % 6 === turn % 6);
      turn++;
      const batch = values.map((value) => addressOf(route, [...rest, [name, value]]));
      if (name !== "name") {
        const twice: Pairs = [
          [name, values[0] ?? ""],
          [name, GOOD[name]?.[0] ?? "x"],
        ];
        batch.push(addressOf(route, [...rest, ...twice]));
      }
      for (let i = 0; i < batch.length; i += 16)
        await Promise.all(batch.slice(i, i + 16).map((address) => checked(s, address, seen)));
    }
  t.diagnostic([...seen].join(" "));
  assert.ok((seen.get(200) ?? 0) > 20 && (seen.get(400) ?? 0) > 500);
});

test("mixed questions, good and hostile", async (t) => {
  const s = await started(t);
  const seed = Number(process.env["SEED"] ?? 1);
  const random = seededRandom(seed);
  const below = (n: number): number => random.u32() % n;
  const one = <T>(of: readonly T[]): T => of[below(of.length)] as T;
  const seen = new Map<number, number>();
  for (let i = 0; i < 30; i++)
    await Promise.all(
      Array.from({ length: 12 }, () => {
        const route = one(ASKING);
        const hostile = below(3) === 0 ? 3 : 40;
        const pairs = route.parameters.flatMap(({ name }): Pairs => {
          const needed = name === "name" || name === "metrics";
          if (!needed && below(3) > 0) return [];
          const value = below(hostile) === 0 ? one(HOSTILE) : one(GOOD[name] ?? HOSTILE);
          return below(40) === 0
            ? [
                [name, value],
                [name, value],
              ]
            : [[name, value]];
        });
        return checked(s, addressOf(route, pairs), seen);
      }),
    );
  t.diagnostic(`seed ${seed}: ${[...seen].join(" ")}`);
  assert.ok((seen.get(200) ?? 0) > 20);
});

test("bytes that are no UTF-8, a broken percent sign, a name of only slashes", async (t) => {
  const s = await started(t);
  const seen = new Map<number, number>();
  for (const address of [
    "/metrics/%E0%A4%A",
    "/metrics/%ff",
    "/metrics//",
    "/metrics/%2F%2F",
    "/metrics/events%00",
  ]) {
    const response = await fetch(s.api.url + address, { headers: s.headers });
    const body = await response.text();
    assert.ok([400, 404].includes(response.status), `${response.status} ${address}`);
    assert.ok(!LEAKS.some((leak) => body.includes(leak)), body);
  }
  for (const raw of ["from=%ff", "from=%E0%A4%A", "%ff=1", "=", "&&&", "from", "?from=1"])
    await checked(s, `/metrics/events?${raw}`, seen);
});

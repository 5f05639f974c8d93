// The client and the OpenAPI document say the same, both ways: types by the compiler, operations and parameters by
// what the client sends.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as client from "@tandem/client";
import type { z } from "zod";
import { openApiDocument } from "../../src/http/open-api.ts";
import type { RefusalCode } from "../../src/http/reply.ts";
import type {
  answerSchema,
  answersSchema,
  catalogueSchema,
  errorSchema,
  liveSchema,
  reconciliationSchema,
  systemSchema,
} from "../../src/http/schemas.ts";
import type { ParameterName } from "../../src/query/parameters.ts";
import type { ProblemCode } from "../../src/query/problem.ts";

/** Read-only throughout, and what may be absent is not undefined. */
type Plain<T> = T extends object ? { readonly [K in keyof T]: Plain<Exclude<T[K], undefined>> } : T;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
type SameKeys<A, B> = Same<keyof A, keyof B>;
type Body<S extends z.ZodType> = Plain<z.infer<S>>;
type Entry = Body<typeof catalogueSchema>["metrics"][number];
type Day = Body<typeof reconciliationSchema>["days"][number];
type System = Body<typeof systemSchema>;
type Point = Body<typeof answerSchema>["points"][number];
type Events = Body<typeof liveSchema>;
type Frame<E> = Extract<Events, { event: E }>["data"];
type Said<E> = Omit<Extract<client.LiveMessage, { event: E }>, "event">;

const SAME: true[] = [
  true satisfies Same<Plain<client.Answer>, Body<typeof answerSchema>>,
  true satisfies SameKeys<client.Answer, Body<typeof answerSchema>>,
  true satisfies SameKeys<client.Point, Point>,
  true satisfies SameKeys<client.Comparison, NonNullable<Body<typeof answerSchema>["compare"]>>,
  true satisfies SameKeys<
    client.ComparedPoint,
    NonNullable<Body<typeof answerSchema>["compare"]>["points"][number]
  >,
  true satisfies Same<
    { readonly answers: readonly Plain<client.Answer>[] },
    Body<typeof answersSchema>
  >,
  true satisfies Same<Plain<client.MetricEntry>, Entry>,
  true satisfies SameKeys<client.MetricEntry, Entry>,
  true satisfies SameKeys<client.MetricVersion, Entry["versions"][number]>,
  true satisfies Same<Plain<client.ReconciledDay>, Day>,
  true satisfies SameKeys<client.ReconciledMetric, Day["metrics"][number]>,
  true satisfies Same<Plain<client.SystemReport>, System>,
  true satisfies SameKeys<client.SystemReport, System>,
  true satisfies SameKeys<client.SystemDay, System["days"][number]>,
  true satisfies SameKeys<client.SystemWork, System["work"][number]>,
  true satisfies SameKeys<client.SystemHorizon, System["horizons"][number]>,
  true satisfies Same<Plain<client.ToldError>, Body<typeof errorSchema>["error"]>,
  true satisfies SameKeys<client.ToldError, Body<typeof errorSchema>["error"]>,
  true satisfies Same<client.ErrorCode, RefusalCode | ProblemCode>,
  true satisfies Same<keyof client.Question, ParameterName>,
  true satisfies Same<Plain<Said<"reset">>, Frame<"reset">>,
  true satisfies SameKeys<Said<"reset">, Frame<"reset">>,
  true satisfies SameKeys<Said<"cells">, Frame<"cells">>,
];

const WHOLE: Required<client.Question> = {
  from: "2019-10-01",
  until: "2019-10-02",
  grain: "day",
  by: ["a", "b"],
  where: ["a=1", client.condition("b", 'x" or "y')],
  tz: "UTC",
  layer: "both",
  asOf: "2019-10-03",
  compare: "previous_year",
  limit: 5,
  cursor: "abc",
  order: "-value",
  consistency: "fresh",
  max_staleness: "30s",
  at_least: "r1.0-1.a",
  max_error: 0.000_000_1,
};

interface Operation {
  readonly operationId: string;
  readonly parameters: readonly { name: string; in: string; schema: { enum?: string[] } }[];
}

test("types say what the document says", () => {
  assert.ok(SAME.every(Boolean));
});

test("the client asks with what the document names, and with all of it", async () => {
  const asked: string[] = [];
  const api = client.createClient({
    url: "http://tandem.test/",
    fetch: async (input) => {
      asked.push(String(input));
      return new Response("{}", { status: 404 });
    },
  });
  const { asOf: _a, cursor: _c, max_staleness: _s, at_least: _l, max_error: _e, ...live } = WHOLE;
  await api.metrics();
  await api.query("a/b", WHOLE);
  await api.queryMany(["a", "b"], WHOLE);
  await api.reconciliation({ from: "a", until: "b", metric: "c", unexplained: true });
  await api.system();
  for (const metrics of ["a/b", ["a", "b"]])
    await assert.rejects(api.live(metrics, live).next(), client.LiveRefused);

  const { paths } = openApiDocument("1") as { paths: Record<string, { get: Operation }> };
  const left = new Map(Object.entries(paths).map(([path, { get }]) => [path, get]));
  for (const address of asked) {
    const { pathname, searchParams } = new URL(address);
    const path = pathname.replace("/a%2Fb", "/{name}");
    const operation = left.get(path);
    assert.ok(operation, `${path} is in the document`);
    const named = operation.parameters.filter((p) => p.in === "query").map((p) => p.name);
    // A stream's own questions are its joined form; formats beside JSON are files.
    const sent = [...new Set(searchParams.keys())];
    const not = named.filter((n) => !sent.includes(n));
    assert.deepEqual(
      sent.filter((n) => !named.includes(n)),
      [],
      `${path} takes them`,
    );
    assert.deepEqual(
      not,
      { "/live": ["ask"], "/query": ["format"], "/metrics/{name}": ["format"] }[path] ?? [],
      `${path} has more`,
    );
    left.delete(path);
  }
  const others = [...left.values()].map((o) => o.operationId).sort();
  assert.deepEqual(others, ["health", "openapi", "ready"], "operations without a function");
});

test("numbers are written as the API takes them, conditions in quotes", async () => {
  let address = "";
  const api = client.createClient({
    url: "http://tandem.test",
    fetch: async (input) => {
      address = String(input);
      return Response.json({});
    },
  });
  await api.query("m", { ...WHOLE, max_staleness: 30 });
  const sent = new URL(address).searchParams;
  assert.equal(sent.get("max_error"), "0.0000001");
  assert.equal(sent.get("max_staleness"), "30");
  assert.deepEqual(sent.getAll("where"), ["a=1", 'b="x\\" or \\"y"']);
  assert.deepEqual(sent.getAll("by"), ["a", "b"]);
});

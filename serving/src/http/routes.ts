// The routes as data: what the router, the access tests and the OpenAPI document are made of.
import type { Scope } from "@tandem/shared-logic";
import { FORMATS } from "../answer/format/formats.ts";
import { NOT_LIVE } from "../live/asks.ts";
import { PARAMETER_SCHEMAS, PARAMETERS, type ParameterSchema } from "../query/parameters.ts";

export type Operation =
  | "listMetrics"
  | "queryMetric"
  | "liveMetric"
  | "live"
  | "queryMetrics"
  | "reconciliation"
  | "system"
  | "openapi"
  | "health"
  | "ready";

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly description: string;
  /** May be given several times. */
  readonly many?: boolean;
  readonly required?: boolean;
  readonly among?: readonly string[];
  /** What the server holds the value to; absent: any text. */
  readonly schema?: ParameterSchema["schema"];
}

export interface Route {
  readonly method: "GET";
  /** Parts in braces are parameters. */
  readonly path: string;
  /** What a key must have; undefined: no key is asked for. */
  readonly scope: Scope | undefined;
  readonly operation: Operation;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  /** Name of the answer's schema. */
  readonly schema:
    | "Answer"
    | "Answers"
    | "Catalogue"
    | "Document"
    | "Live"
    | "Reconciliation"
    | "State"
    | "System";
}

const ASKED: readonly Parameter[] = [
  ...PARAMETERS.map((name): Parameter => ({ name, in: "query", ...PARAMETER_SCHEMAS[name] })),
  {
    name: "format",
    in: "query",
    description: "What the answer is written in; it goes before Accept. Default: json.",
    among: FORMATS,
  },
];

const LIVE_PARAMETERS = ASKED.filter((p) => !Object.hasOwn(NOT_LIVE, p.name));

export const ROUTES: readonly Route[] = [
  {
    method: "GET",
    path: "/metrics",
    scope: "read",
    operation: "listMetrics",
    summary: "The metrics and what can be asked of them",
    parameters: [],
    schema: "Catalogue",
  },
  {
    method: "GET",
    path: "/metrics/{name}",
    scope: "read",
    operation: "queryMetric",
    summary: "A metric over a range of time, with its interval, coverage and freshness",
    parameters: [
      { name: "name", in: "path", description: "The metric's name, or NAME@VERSION" },
      ...ASKED,
    ],
    schema: "Answer",
  },
  {
    method: "GET",
    path: "/metrics/{name}/live",
    scope: "read",
    operation: "liveMetric",
    summary: "A metric's answer and then each change of it, as server-sent events",
    parameters: [
      { name: "name", in: "path", description: "The metric's name, or NAME@VERSION" },
      ...LIVE_PARAMETERS,
    ],
    schema: "Live",
  },
  {
    method: "GET",
    path: "/live",
    scope: "read",
    operation: "live",
    summary: "Several metrics, or questions with parameters of their own, as one stream",
    parameters: [
      {
        name: "metrics",
        in: "query",
        description: "Metrics, as a list with commas; the other parameters are for each of them.",
        many: true,
      },
      {
        name: "ask",
        in: "query",
        description: "A question of its own: NAME?PARAMS, as behind /metrics/, percent-encoded.",
        many: true,
      },
      ...LIVE_PARAMETERS,
    ],
    schema: "Live",
  },
  {
    method: "GET",
    path: "/query",
    scope: "read",
    operation: "queryMetrics",
    summary: "Several metrics over one range, of one reading of both layers",
    parameters: [
      {
        name: "metrics",
        in: "query",
        description: "Names, as a list with commas or given several times.",
        many: true,
        required: true,
      },
      ...ASKED,
    ],
    schema: "Answers",
  },
  {
    method: "GET",
    path: "/reconciliation",
    scope: "read",
    operation: "reconciliation",
    summary: "What the speed layer had against what batch sealed, by day and metric",
    parameters: [
      { name: "from", in: "query", description: "First day. Default: the first that is kept." },
      { name: "until", in: "query", description: "Day to stop before. Default: all." },
      { name: "metric", in: "query", description: "One metric alone." },
      {
        name: "unexplained",
        in: "query",
        description: "true: only what nothing explains.",
        among: ["true", "false"],
      },
    ],
    schema: "Reconciliation",
  },
  {
    method: "GET",
    path: "/system",
    scope: "read",
    operation: "system",
    summary: "How far the views are behind, what is sealed, and what was done to the days last",
    parameters: [],
    schema: "System",
  },
  {
    method: "GET",
    path: "/openapi.json",
    scope: "read",
    operation: "openapi",
    summary: "This interface",
    parameters: [],
    schema: "Document",
  },
  {
    method: "GET",
    path: "/healthz",
    scope: undefined,
    operation: "health",
    summary: "The process runs",
    parameters: [],
    schema: "State",
  },
  {
    method: "GET",
    path: "/readyz",
    scope: undefined,
    operation: "ready",
    summary: "The stores answer",
    parameters: [],
    schema: "State",
  },
];

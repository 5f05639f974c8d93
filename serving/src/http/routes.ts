// The routes as data: what the router, the access tests and the OpenAPI document are made of.
import type { Scope } from "@tandem/shared-logic";
import { PARAMETERS } from "../query/parse-query.ts";

export type Operation =
  | "listMetrics"
  | "queryMetric"
  | "liveMetric"
  | "live"
  | "reconciliation"
  | "openapi"
  | "health"
  | "ready";

export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query";
  readonly description: string;
  /** May be given several times. */
  readonly many?: boolean;
  readonly among?: readonly string[];
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
  readonly schema: "Catalogue" | "Answer" | "Live" | "Reconciliation" | "Document" | "State";
}

const ABOUT: Readonly<Record<(typeof PARAMETERS)[number], Omit<Parameter, "name" | "in">>> = {
  from: {
    description:
      "Start, inclusive: a day on the calendar of tz, or an ISO 8601 moment. Default: a day before until.",
  },
  until: { description: "End, exclusive. Default: the end of the cell that is running now." },
  grain: {
    description:
      "Length of the windows; the first and last are cut to the range. Default: hour up to three days, day beyond.",
    among: ["minute", "hour", "day", "week", "month", "total"],
  },
  by: {
    description:
      "Dimensions to group by, as a list with commas or given several times. With those of where they make up a declared grouping set.",
    many: true,
  },
  where: {
    description: "DIM=VALUE: only events with this value; (none) where the event has no value.",
    many: true,
  },
  tz: { description: "Time zone on whose clock windows begin. Default: UTC." },
  layer: {
    description: "One layer alone, to compare; the answer is both by default.",
    among: ["both", "batch", "speed"],
  },
  asOf: {
    description:
      "A run's id, or a moment: answer with the runs that were shown then, as far as they are kept; batch alone.",
  },
};

const LIVE_PARAMETERS: readonly Parameter[] = PARAMETERS.filter((name) => name !== "asOf").map(
  (name) => ({ name, in: "query", ...ABOUT[name] }),
);

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
      ...PARAMETERS.map((name) => ({ name, in: "query" as const, ...ABOUT[name] })),
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

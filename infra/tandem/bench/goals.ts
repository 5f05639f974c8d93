// What is to be reached, by id: the ratio that must be met and the one that is aimed at. How each is taken:
// bench/README.md.

export interface Goal {
  readonly id: string;
  readonly measure: string;
  readonly must: number;
  readonly aim: number;
  /** A lower ratio is better. */
  readonly least?: true;
}

/** A goal's figure as bench/results.json keeps it. */
export interface Measured {
  readonly id: string;
  readonly measure: string;
  readonly ours: number;
  /** Null where the measure is of ours alone; `ratio` is then `ours`. */
  readonly peer: number | null;
  readonly ratio: number;
  readonly must: number;
  readonly aim: number;
  readonly ok: boolean;
  /** The ratio of each round. */
  readonly runs: readonly number[];
}

export const GOALS = {
  S0: {
    id: "S0",
    measure:
      "speed workers on a Kafka topic against the better of idiomatic Kafka Streams and Flink",
    must: 30,
    aim: 70,
  },
  "S1-foreign": {
    id: "S1",
    measure:
      "speed workers against tuned Kafka Streams, events per CPU-second, same topic of plain JSON",
    must: 4,
    aim: 8,
  },
  "S1-own": {
    id: "S1",
    measure: "the same on our own records, the collector's validation and framing added",
    must: 4,
    aim: 8,
  },
  "S2-foreign": {
    id: "S2",
    measure: "speed workers against tuned Flink, events per CPU-second, same topic of plain JSON",
    must: 2,
    aim: 5,
  },
  "S2-own": {
    id: "S2",
    measure: "the same against Flink on our own records, the collector's part added",
    must: 2,
    aim: 5,
  },
  S3: {
    id: "S3",
    measure: "speed workers on plain JSON against the best Node client that only counts messages",
    must: 1,
    aim: 3,
  },
  "S4-282B": {
    id: "S4",
    measure: "speed loop over plain JSON of 282 B against JSON.parse, events per CPU-second",
    must: 2.5,
    aim: 4,
  },
  "S4-1KB": {
    id: "S4",
    measure: "speed loop over plain JSON of 1 KB against JSON.parse, events per CPU-second",
    must: 6,
    aim: 10,
  },
  S7: {
    id: "S7",
    measure: "garbage of the speed loop over plain JSON, bytes per event",
    must: 32,
    aim: 0,
    least: true,
  },
  "D1-false": {
    id: "D1",
    measure: "dedupe: new ids taken for known at capacity, in percent",
    must: 0.1,
    aim: 0.086,
    least: true,
  },
  "D1-bytes": { id: "D1", measure: "dedupe: bytes per id", must: 2.1, aim: 2, least: true },
  "D1-time": {
    id: "D1",
    measure: "dedupe: CPU per id with 50 M ids held against 1 M",
    must: 1.5,
    aim: 1.2,
    least: true,
  },
  "B1-DuckDB": {
    id: "B1",
    measure:
      "exact users per hour, tenant and type from plain strings, rows per CPU-second, DuckDB",
    must: 2.5,
    aim: 3.5,
  },
  "B1-Polars": {
    id: "B1",
    measure:
      "exact users per hour, tenant and type from plain strings, rows per CPU-second, Polars",
    must: 2.5,
    aim: 3.5,
  },
  "B1-Spark": {
    id: "B1",
    measure: "exact users per hour, tenant and type from plain strings, rows per CPU-second, Spark",
    must: 15,
    aim: 40,
  },
  B2: {
    id: "B2",
    measure: "the same from our archive against DuckDB's table of numbers",
    must: 6,
    aim: 20,
  },
  B3: {
    id: "B3",
    measure: "each further grouping set, percent of the first",
    must: 15,
    aim: 6,
    least: true,
  },
  B4: {
    id: "B4",
    measure: "exact dedupe by event id, rows per CPU-second, DuckDB",
    must: 4,
    aim: 9,
  },
  "B5-DuckDB": {
    id: "B5",
    measure: "the peers' batch job from plain strings, rows per CPU-second, DuckDB",
    must: 2.5,
    aim: 6,
  },
  "B5-Polars": {
    id: "B5",
    measure: "the peers' batch job from plain strings, rows per CPU-second, Polars",
    must: 4,
    aim: 9,
  },
  "C1-bare": {
    id: "C1",
    measure: "collector, 20 events a request, requests/s, bare node:http",
    must: 0.6,
    aim: 1,
  },
  "C1-fastify": {
    id: "C1",
    measure: "collector, 20 events a request, requests/s, fastify",
    must: 1.5,
    aim: 2.5,
  },
  "C1-express": {
    id: "C1",
    measure: "collector, 20 events a request, requests/s, Express",
    must: 4,
    aim: 8,
  },
  L2: {
    id: "L2",
    measure: "accepted to visible p99 at 100,000 events/s, all layers in one process, ms",
    must: 500,
    aim: 150,
    least: true,
  },
  Q1: {
    id: "Q1",
    measure: "query p99, a day by minute with two speed days over it, against reading its rows",
    must: 1.5,
    aim: 1.15,
    least: true,
  },
  "A1-single": {
    id: "A1",
    measure: "HyperLogLog RMSE, worst of 100 to 10 M, against 1.04/sqrt(m)",
    must: 1.05,
    aim: 1,
    least: true,
  },
  "A1-merged": {
    id: "A1",
    measure: "the same, merged of eight",
    must: 1.05,
    aim: 1,
    least: true,
  },
  "A1-bias": {
    id: "A1",
    measure: "HyperLogLog bias, worst, in sigma",
    must: 0.1,
    aim: 0.1,
    least: true,
  },
  "G1-CPU": {
    id: "G1",
    measure: "speed: exponent of CPU when events grow 10x at fixed keys",
    must: 1.03,
    aim: 1,
    least: true,
  },
  "G1-state": {
    id: "G1",
    measure: "speed: exponent of state",
    must: 0.05,
    aim: 0,
    least: true,
  },
  "G1-views": {
    id: "G1",
    measure: "speed: exponent of rows in views",
    must: 0,
    aim: 0,
    least: true,
  },
  "G1-batch": {
    id: "G1",
    measure: "batch: exponent of CPU from 2 M to 32 M rows, users growing",
    must: 1.08,
    aim: 1.02,
    least: true,
  },
  G4: {
    id: "G4",
    measure: "archive bytes per event against gzip NDJSON, event ids aside",
    must: 0.3,
    aim: 0.15,
    least: true,
  },
} as const satisfies Readonly<Record<string, Goal>>;

export type GoalKey = keyof typeof GOALS;

// What a process tells its operators: numbers by name, from one closed list. Holds no truth and never
// fails what it measures.
//
// 1. Names and labels are those of TELEMETRY; nothing else can be reported.
// 2. `add` counts up; `total` says what a counter kept elsewhere stands at (it may begin anew at 0).
// 3. `set` replaces a gauge's value; `forget` takes it back, so that nobody reads what no longer holds.
// 4. Times are in seconds, sizes in bytes, as the field does it.
// 5. What `onScrape` was given runs before each reading, at most once at a time; where it fails, the
//    values stay as they were and `telemetry_failures_total` counts it.
// 6. Labels hold names of this system's own things, never anything out of an event.

interface MetricFacts {
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** Of a histogram, upper bounds. */
  readonly buckets?: readonly number[];
}

const LATENCY = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const WORK = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600];

export const TELEMETRY = {
  events_received_total: counter("Events that clients sent in complete requests."),
  events_accepted_total: counter("Events acknowledged: durable in the log or the spool."),
  events_retry_total: counter("Events whose senders were asked to send them again."),
  events_rejected_total: counter("Events rejected, by reason.", "reason"),
  events_dead_lettered_total: counter(
    "Events kept as dead letters, or unreadable in the log.",
    "layer",
  ),
  dead_letters_lost_total: counter("Rejected events that could not be kept for looking at."),
  notifications_dropped_total: counter(
    "Copies for listeners that their topic did not take, by kind.",
    "kind",
  ),
  cell_updates_skipped_total: counter(
    "Changed rows beyond the cells that one flush announces to listeners.",
  ),
  bridge_lag_records: gauge(
    "Records of a foreign topic's partition that are not brought over yet.",
    "partition",
  ),
  bridge_lost_records_total: counter(
    "Offsets that a foreign topic gave up before they were brought over.",
  ),
  requests_total: counter("Requests to the collector."),
  requests_refused_total: counter("Requests refused as a whole, by code.", "code"),
  spool_bytes: gauge("Bytes of events waiting on disk for the log."),
  spool_records: gauge("Events waiting on disk for the log."),
  spool_oldest_seconds: gauge("Age of the oldest event waiting on disk for the log; else 0."),
  consumer_lag_records: gauge(
    "Records of a partition that the speed views do not show yet.",
    "partition",
  ),
  consumer_lag_seconds: gauge(
    "Age of the oldest record of a partition that the speed views do not show yet.",
    "partition",
  ),
  freshness_seconds: gauge("How far behind now the most delayed partition's views are."),
  events_folded_total: counter("Records that the speed layer folded as sure.", "partition"),
  events_duplicate_total: counter("Copies that the speed layer left out.", "partition"),
  events_suspected_total: counter("Events that are perhaps duplicates.", "partition"),
  events_unchecked_total: counter("Events older than the duplicate filters reach.", "partition"),
  events_late_total: counter("Archived events of a UTC day that had ended when they came."),
  accepted_to_visible_seconds: histogram(
    "From the collector's receipt to being visible, of the oldest event of each flush.",
    LATENCY,
  ),
  checkpoint_age_seconds: gauge("Time since the last checkpoint of a partition.", "partition"),
  archive_lag_records: gauge("Records of a partition that are in no archive object.", "partition"),
  archive_lag_seconds: gauge(
    "Age of a partition's oldest record that is in no archive object.",
    "partition",
  ),
  archive_objects_total: counter("Archive objects written.", "partition"),
  log_retention_seconds: gauge("How long the log keeps records; absent where it keeps all."),
  lost_range_records: gauge("Offsets that the log gave up before they were archived.", "partition"),
  runs_total: counter("Batch runs of a day and metric, by what became of them.", "state"),
  batch_running: gauge("1 while a batch run is under way."),
  batch_duration_seconds: histogram("Length of batch runs over all their days.", WORK),
  units_total: counter("Units worked on, by what became of them.", "state"),
  unit_duration_seconds: histogram("Length of units.", WORK),
  day_unsealed_seconds: gauge(
    "Time since the end of the oldest closed day without its runs; else 0.",
  ),
  retention_actions_total: counter("Things that retention moved, rolled up or gave up.", "action"),
  retention_freed_bytes_total: counter("Bytes of objects that retention removed."),
  retention_failures_total: counter("Passes of retention that failed; the next one goes on."),
  retention_age_seconds: gauge("Time since a pass of retention ended; absent before the first."),
  reconciliation_unexplained_days: gauge(
    "Of the newest three days, those on which the layers differ by more than is explained.",
    "metric",
  ),
  queries_total: counter("Requests to the serving API.", "operation", "status"),
  query_duration_seconds: histogram("Time to answer, by operation.", LATENCY, "operation"),
  live_streams: gauge("Live streams that are open."),
  live_streams_ended_total: counter(
    "Live streams that serving ended, by why: slow_reader, key, question, closing, internal.",
    "reason",
  ),
  telemetry_failures_total: counter("Readings for this page that failed."),
} as const satisfies Readonly<Record<string, MetricFacts>>;

function counter<const L extends readonly string[]>(help: string, ...labels: L) {
  return { kind: "counter" as const, help, labels };
}
function gauge<const L extends readonly string[]>(help: string, ...labels: L) {
  return { kind: "gauge" as const, help, labels };
}
function histogram<const L extends readonly string[]>(
  help: string,
  buckets: readonly number[],
  ...labels: L
) {
  return { kind: "histogram" as const, help, buckets, labels };
}

export type MetricName = keyof typeof TELEMETRY;
type OfKind<K extends MetricFacts["kind"]> = {
  [N in MetricName]: (typeof TELEMETRY)[N]["kind"] extends K ? N : never;
}[MetricName];
export type CounterName = OfKind<"counter">;
export type GaugeName = OfKind<"gauge">;
export type HistogramName = OfKind<"histogram">;
export type LabelsOf<N extends MetricName> = Readonly<
  Record<(typeof TELEMETRY)[N]["labels"][number], string>
>;
/** Labels are said where the metric has any. */
type Labelled<N extends MetricName> = (typeof TELEMETRY)[N]["labels"] extends readonly []
  ? readonly []
  : readonly [labels: LabelsOf<N>];

export interface Telemetry {
  add<N extends CounterName>(name: N, by: number, ...labels: Labelled<N>): void;
  total<N extends CounterName>(name: N, value: number, ...labels: Labelled<N>): void;
  set<N extends GaugeName>(name: N, value: number, ...labels: Labelled<N>): void;
  forget<N extends GaugeName>(name: N, ...labels: Labelled<N>): void;
  observe<N extends HistogramName>(name: N, value: number, ...labels: Labelled<N>): void;
  /** The returned function takes it back. */
  onScrape(read: () => void | Promise<void>): () => void;
}

const nothing = (): void => undefined;
export const NO_TELEMETRY: Telemetry = {
  add: nothing,
  total: nothing,
  set: nothing,
  forget: nothing,
  observe: nothing,
  onScrape: () => nothing,
};

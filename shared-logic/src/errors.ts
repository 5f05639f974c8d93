// The world failing is a TandemError with a code from this one table (docs/errors.md mirrors it).
// Wrong input is a value (`Problem`), a bug is a plain TypeError or RangeError; neither is thrown here.

export const ERROR_CODES = {
  corrupt_bytes: "Stored bytes cannot be understood: cut short, damaged or of another format.",
  format_version:
    "The data directory, keyspace or checkpoint was written by another format version.",
  directory_locked: "The data directory belongs to another running process.",
  directory_unsafe: "The data directory cannot be written or synced.",
  log_unavailable: "The event log does not take or give records now.",
  offset_out_of_range: "An offset lies below the log's start or beyond its end.",
  store_unavailable: "The view store, object store or checkpoint store does not answer now.",
  queue_unavailable: "The job queue does not take or give jobs now.",
  object_conflict: "An object of that name exists with other bytes.",
  object_missing: "An object that a manifest or a row names is not there.",
  object_damaged: "An object's SHA-256 is not the one its manifest entry states.",
  archive_gap: "The manifest's offset ranges do not tile.",
  metric_missing: "An active metric has no file among the metric folders.",
  metric_invalid: "A metric declaration breaks a rule of the catalogue.",
  sketch_mismatch: "Two sketches of different precision, seed or format cannot be merged.",
  run_superseded: "Another run of the same day and metric was published meanwhile.",
  heal_refused:
    "A heal's audits failed: its shadow run is kept for inspection and nothing was published.",
  rollback_refused:
    "Speed rows above the older run's offsets are gone: going back would lose their events.",
  run_damaged: "A run's rows read back are not those that were written.",
  checkpoint_refused: "The checkpoint does not fit the log or the view store.",
  configuration: "A setting is unknown or has a value it cannot have.",
  key_unknown: "There is no such API key.",
  cancelled: "The work was asked to stop.",
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

const RETRYABLE: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "log_unavailable",
  "store_unavailable",
  "queue_unavailable",
]);

export interface TandemErrorOptions {
  readonly message?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export class TandemError extends Error {
  readonly code: ErrorCode;
  /** True where the same call may succeed later without anybody changing anything. */
  readonly retryable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, options: TandemErrorOptions = {}) {
    super(options.message ?? ERROR_CODES[code], { cause: options.cause });
    this.name = "TandemError";
    this.code = code;
    this.retryable = RETRYABLE.has(code);
    this.details = options.details ?? {};
  }
}

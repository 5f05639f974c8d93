// Decides whether bytes are an event, in one pass of the scanner: its facts, or everything that is wrong
// with it. Nothing is coerced, unknown fields are no business of ours, and of a repeated key the last one
// counts.
import {
  DECIMAL_OK,
  FIELD_ABSENT,
  FIELD_NESTED,
  FIELD_NULL,
  FIELD_NUMBER,
  FIELD_TEXT,
} from "./event-columns.ts";
import { EventFacts, MAX_TIME_MS, type TextSlice } from "./event-facts.ts";
import { parseInstantBytes } from "./instant-bytes.ts";
import type { Problem, Reason } from "./problem.ts";
import { SCAN_BAD_UNICODE, SCAN_OK, SCAN_TOO_DEEP, spaceEnd } from "./scanner/json-grammar.ts";
import { DEFAULT_DEPTH, JsonScanner, UNLIMITED_DEPTH } from "./scanner/json-scanner.ts";
import { parseUnits, type Units } from "./scanner/number-text.ts";
import { compilePaths } from "./scanner/path-trie.ts";
import { Unescaper } from "./scanner/unescape.ts";

export interface EventLimits {
  /** Of one event's JSON. */
  readonly eventBytes: number;
  /** Nested objects and arrays, the event itself included. */
  readonly depth: number;
  /** Whether `received_at` is read: for imports, where it says when the event first arrived. */
  readonly imported?: boolean;
}
export const DEFAULT_EVENT_LIMITS: EventLimits = { eventBytes: 1_000_000, depth: DEFAULT_DEPTH };
/** Of an id or an event type, as UTF-8. */
export const ID_BYTES = 200;

const PATHS = [
  "event_id",
  "event_type",
  "timestamp",
  "user_id",
  "anonymous_id",
  "session_id",
  "sent_at",
  "received_at",
  "version",
  "properties",
  "context",
] as const;
const trie = compilePaths(PATHS);
const slotOf = (path: (typeof PATHS)[number]): number => trie.slotOf[PATHS.indexOf(path)]!;
const EVENT_ID = slotOf("event_id");
const EVENT_TYPE = slotOf("event_type");
const TIMESTAMP = slotOf("timestamp");
const USER_ID = slotOf("user_id");
const ANONYMOUS_ID = slotOf("anonymous_id");
const SESSION_ID = slotOf("session_id");
const SENT_AT = slotOf("sent_at");
const RECEIVED_AT = slotOf("received_at");
const VERSION = slotOf("version");
const PROPERTIES = slotOf("properties");
const CONTEXT = slotOf("context");
/** By slot. */
const PATH_NAMES = PATHS.toSorted((a, b) => slotOf(a) - slotOf(b));
const KIND_NAMES = ["nothing", "null", "text", "a number", "true", "false", "an object or array"];

let scanner = new JsonScanner(trie, DEFAULT_DEPTH);
let scannerDepth = DEFAULT_DEPTH;
/** Finds the end of values that nest too deeply. */
const deepScanner = new JsonScanner(compilePaths([]), UNLIMITED_DEPTH);
const facts = new EventFacts();
const unescaper = new Unescaper();
const out: Units = { units: 0, big: 0n };
let problems: Problem[] = [];

/**
 * The facts of the event `bytes[from, until)`, valid until the next call, or its problems (at least one).
 */
export function validateEvent(
  bytes: Uint8Array,
  from: number,
  until: number,
  limits: EventLimits = DEFAULT_EVENT_LIMITS,
): EventFacts | readonly Problem[] {
  if (until - from > limits.eventBytes) return tooLong(until - from, limits);
  const verdict = scannerFor(limits).scan(bytes, from, until);
  if (verdict !== SCAN_OK) return [problemOfVerdict(verdict, limits)];
  return readEvent(bytes, from, until, limits);
}

/** Where `validateLeading` says what it found. */
export interface Outcome {
  outcome: EventFacts | readonly Problem[];
}

/**
 * As validateEvent, for the JSON value that begins at `from` (no white space before it) and ends wherever
 * it ends, up to `until`. The end is the result; it is a negative SCAN_* verdict, and nothing is said in
 * `to`, where the text breaks off or is broken, so that nobody can say where the value ends.
 */
export function validateLeading(
  bytes: Uint8Array,
  from: number,
  until: number,
  limits: EventLimits,
  to: Outcome,
): number {
  const verdict = scannerFor(limits).scanValue(bytes, from, until);
  const end = verdict === SCAN_TOO_DEEP ? deepScanner.scanValue(bytes, from, until) : verdict;
  if (end < 0) return end;
  if (end - from > limits.eventBytes) to.outcome = tooLong(end - from, limits);
  else if (verdict < 0) to.outcome = [problemOfVerdict(verdict, limits)];
  else to.outcome = readEvent(bytes, from, end, limits);
  return end;
}

function scannerFor(limits: EventLimits): JsonScanner {
  if (scannerDepth !== limits.depth) {
    scanner = new JsonScanner(trie, limits.depth);
    scannerDepth = limits.depth;
  }
  return scanner;
}

/** What the scanner found at the wanted paths of `bytes[from, until)`. */
function readEvent(
  bytes: Uint8Array,
  from: number,
  until: number,
  limits: EventLimits,
): EventFacts | readonly Problem[] {
  if (bytes[spaceEnd(bytes, from, until)] !== 0x7b) {
    return [problem("not_an_object", "", "an object", "another JSON value")];
  }
  if (problems.length > 0) problems = [];
  readText(bytes, EVENT_ID, facts.eventId, true);
  readText(bytes, EVENT_TYPE, facts.eventType, true);
  readText(bytes, USER_ID, facts.userId, false);
  readText(bytes, ANONYMOUS_ID, facts.anonymousId, false);
  readText(bytes, SESSION_ID, facts.sessionId, false);
  facts.sentMs = readTime(bytes, TIMESTAMP, true) ?? 0;
  facts.sentAtMs = readTime(bytes, SENT_AT, false);
  facts.receivedAtMs = limits.imported ? readTime(bytes, RECEIVED_AT, false) : undefined;
  const version = scanner.kinds[VERSION]!;
  if (version > FIELD_NUMBER) wrongType(VERSION, "text or a number", version);
  const properties = scanner.kinds[PROPERTIES]!;
  if (!isObjectOrNull(bytes, PROPERTIES)) wrongType(PROPERTIES, "an object", properties);
  const context = scanner.kinds[CONTEXT]!;
  if (!isObjectOrNull(bytes, CONTEXT)) wrongType(CONTEXT, "an object", context);
  if (problems.length > 0) return problems;
  facts.json.take(bytes, from, until, false);
  return facts;
}

const problem = (reason: Reason, path: string, expected: string, got: string): Problem => ({
  reason,
  path,
  expected,
  got,
});

const nameOf = (slot: number): string => PATH_NAMES[slot]!;

const tooLong = (sizeBytes: number, limits: EventLimits): readonly Problem[] => [
  problem("too_long", "", `at most ${limits.eventBytes} bytes`, `${sizeBytes} bytes`),
];

function problemOfVerdict(verdict: number, limits: EventLimits): Problem {
  if (verdict === SCAN_BAD_UNICODE) return problem("bad_unicode", "", "UTF-8", "other bytes");
  if (verdict !== SCAN_TOO_DEEP) return problem("not_json", "", "one JSON object", "other text");
  return problem("too_deep", "", `at most ${limits.depth} levels`, "more levels");
}

function wrongType(slot: number, expected: string, kind: number): void {
  problems.push(problem("wrong_type", nameOf(slot), expected, KIND_NAMES[kind]!));
}

function isObjectOrNull(bytes: Uint8Array, slot: number): boolean {
  const kind = scanner.kinds[slot]!;
  return kind <= FIELD_NULL || (kind === FIELD_NESTED && bytes[scanner.starts[slot]!] === 0x7b);
}

function readText(bytes: Uint8Array, slot: number, to: TextSlice, required: boolean): void {
  const kind = scanner.kinds[slot]!;
  to.clear();
  if (kind !== FIELD_TEXT && kind !== FIELD_ABSENT && kind !== FIELD_NULL) {
    wrongType(slot, "text", kind);
    return;
  }
  if (kind === FIELD_TEXT) {
    const escaped = scanner.escaped[slot] === 1;
    if (!to.take(bytes, scanner.starts[slot]!, scanner.ends[slot]!, escaped)) {
      problems.push(problem("bad_unicode", nameOf(slot), "whole characters", "a lone surrogate"));
    } else if (to.length > ID_BYTES) {
      const got = `${to.length} bytes`;
      problems.push(problem("too_long", nameOf(slot), `at most ${ID_BYTES} bytes`, got));
    }
  }
  if (required && to.length === 0) {
    const got = kind === FIELD_TEXT ? "empty text" : KIND_NAMES[kind]!;
    problems.push(problem("missing_field", nameOf(slot), "text", got));
  }
}

const TIME = "ISO 8601 text or epoch milliseconds, years 1970 to 9999";

/** The moment at a path; undefined where there is none (a problem if it is required or not a moment). */
function readTime(bytes: Uint8Array, slot: number, required: boolean): number | undefined {
  const kind = scanner.kinds[slot]!;
  const start = scanner.starts[slot]!;
  const end = scanner.ends[slot]!;
  if (kind <= FIELD_NULL || (required && kind === FIELD_TEXT && start === end)) {
    if (required) {
      const got = kind === FIELD_TEXT ? "empty text" : KIND_NAMES[kind]!;
      problems.push(problem("missing_field", nameOf(slot), TIME, got));
    }
    return undefined;
  }
  let ms = Number.NaN;
  if (kind === FIELD_TEXT && scanner.escaped[slot] === 0) {
    ms = parseInstantBytes(bytes, start, end);
  } else if (kind === FIELD_TEXT) {
    unescaper.run(bytes, start, end);
    ms = parseInstantBytes(unescaper.bytes, 0, unescaper.length);
  } else if (kind === FIELD_NUMBER) {
    if (parseUnits(bytes, start, end, 0, out) === DECIMAL_OK) ms = out.units;
  } else {
    wrongType(slot, TIME, kind);
    return undefined;
  }
  if (ms >= 0 && ms <= MAX_TIME_MS) return ms;
  const got = kind === FIELD_NUMBER ? "another number" : "other text";
  problems.push(problem("bad_timestamp", nameOf(slot), TIME, got));
  return undefined;
}

// Decides whether bytes are an event, in one pass of the scanner: its facts, or everything that is wrong
// with it. Nothing is coerced, unknown fields are no business of ours, and of a repeated key the last one
// counts. Further paths may be read in the same pass.
import {
  DECIMAL_OK,
  FIELD_ABSENT,
  FIELD_NESTED,
  FIELD_NULL,
  FIELD_NUMBER,
  FIELD_TEXT,
} from "./event-columns.ts";
import { EventFacts, MAX_TIME_MS, type TextSlice } from "./event-facts.ts";
import { type EventLimits, ID_BYTES } from "./event-limits.ts";
import { parseInstantBytes } from "./instant-bytes.ts";
import type { EventKernel, EventSlots, RunTexts } from "./kernels/event-kernel.ts";
import type { Kernels } from "./kernels/kernel-choice.ts";
import type { Problem, Reason } from "./problem.ts";
import { SCAN_BAD_UNICODE, SCAN_OK, SCAN_TOO_DEEP, spaceEnd } from "./scanner/json-grammar.ts";
import { JsonScanner, UNLIMITED_DEPTH } from "./scanner/json-scanner.ts";
import { parseUnits, type Units } from "./scanner/number-text.ts";
import { compilePaths } from "./scanner/path-trie.ts";
import { ShapeScanner } from "./scanner/shape-scanner.ts";
import { Unescaper } from "./scanner/unescape.ts";

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
const KIND_NAMES = ["nothing", "null", "text", "a number", "true", "false", "an object or array"];
const TIME = "ISO 8601 text or epoch milliseconds, years 1970 to 9999";

/** Finds the end of values that nest too deeply. */
const deepScanner = new JsonScanner(compilePaths([]), UNLIMITED_DEPTH);

/** Where `validateLeading` says what it found. */
export interface Outcome {
  outcome: EventFacts | readonly Problem[];
}

export class EventValidator {
  /** Holds, after an event was found good, what stands at its paths. */
  readonly scanner: ShapeScanner;
  private readonly limits: EventLimits;
  /** By path of the event and of `further`. */
  private readonly slots: ReadonlyMap<string, number>;
  private readonly facts = new EventFacts();
  private readonly unescaper = new Unescaper();
  private readonly units: Units = { units: 0, big: 0n };
  private readonly at: EventSlots;
  private expected: EventKernel | undefined;
  /** Of PATHS, by slot. */
  private readonly names: readonly string[];
  /** Of the rows that were judged last, how many are ROW_GOOD. */
  good = 0;
  private bytes: Uint8Array = new Uint8Array(0);
  private problems: Problem[] = [];

  /** `further`: paths whose values `scanner` is to find too. */
  constructor(limits: EventLimits, further: readonly string[] = [], kernels?: Kernels) {
    const paths = [...new Set([...PATHS, ...further])];
    const trie = compilePaths(paths);
    this.limits = limits;
    this.scanner = new ShapeScanner(trie, limits.depth, kernels);
    this.slots = new Map(paths.map((path, i) => [path, trie.slotOf[i]!]));
    const slots = PATHS.map((path, i) => [path, trie.slotOf[i]!] as const);
    this.at = Object.fromEntries(slots) as Record<(typeof PATHS)[number], number>;
    const names: string[] = [];
    for (const [path, slot] of slots) names[slot] = path;
    this.names = names;
  }

  /** The scanner's slot of a path of the event or of `further`. */
  slotOf(path: string): number {
    const slot = this.slots.get(path);
    if (slot === undefined) throw new RangeError(`path ${path} was not asked for`);
    return slot;
  }

  /** Whether `begin` prepared all of these bytes, and `end` did not follow. */
  hasBegun(bytes: Uint8Array): boolean {
    return this.scanner.hasBegun(bytes);
  }
  /** Prepares for events in `bytes[from, until)`, which must not change before `end`. */
  begin(bytes: Uint8Array, from: number, until: number): void {
    this.scanner.begin(bytes, from, until);
  }
  end(): void {
    this.scanner.end();
  }

  /** As ShapeScanner has them. */
  rowsAtOnce(left: number): number {
    return this.scanner.rowsAtOnce(left);
  }
  get hasLearned(): boolean {
    return this.scanner.hasLearned;
  }

  /**
   * Judges rows [row, row + count) of texts in what `begin` prepared, as ShapeScanner.scanRows scans them: those
   * of status ROW_GOOD are events, whose facts stand in the kernel; the others are to be validated one by
   * one. `now` decides the time of live events.
   */
  validateRows(
    starts: Int32Array,
    ends: Int32Array,
    row: number,
    count: number,
    now?: number,
  ): EventKernel | undefined {
    const kernel = this.scanner.scanRows(starts, ends, row, count);
    if (kernel) this.judge(kernel, count, now);
    return kernel;
  }

  /** As validateRows, of texts as ShapeScanner.scanRun scans them. */
  validateRun(
    texts: RunTexts,
    at: number,
    until: number,
    most: number,
    now: number,
  ): ReturnType<ShapeScanner["scanRun"]> {
    const found = this.scanner.scanRun(texts, at, until, most);
    if (found) this.judge(found.kernel, found.rows, now);
    return found;
  }

  private judge(kernel: EventKernel, count: number, now: number | undefined): void {
    if (kernel !== this.expected) {
      kernel.expect(this.at, this.limits.eventBytes, ID_BYTES);
      this.expected = kernel;
    }
    this.good = kernel.facts(0, count, this.limits.imported ? undefined : now);
  }

  /** The facts of the event `bytes[from, until)`, valid until the next call, or its problems (at least one). */
  validate(bytes: Uint8Array, from: number, until: number): EventFacts | readonly Problem[] {
    if (until - from > this.limits.eventBytes) return this.tooLong(until - from);
    const verdict = this.scanner.scan(bytes, from, until);
    if (verdict !== SCAN_OK) return [this.problemOfVerdict(verdict)];
    return this.readEvent(bytes, from, until);
  }

  /**
   * As `validate`, for the JSON value that begins at `from` (no white space before it) and ends wherever it
   * ends, up to `until`. The end is the result; it is a negative SCAN_* verdict, and nothing is said in
   * `to`, where the text breaks off or is broken, so that nobody can say where the value ends.
   */
  validateLeading(bytes: Uint8Array, from: number, until: number, to: Outcome): number {
    const verdict = this.scanner.scanValue(bytes, from, until);
    const end = verdict === SCAN_TOO_DEEP ? deepScanner.scanValue(bytes, from, until) : verdict;
    if (end < 0) return end;
    if (end - from > this.limits.eventBytes) to.outcome = this.tooLong(end - from);
    else if (verdict < 0) to.outcome = [this.problemOfVerdict(verdict)];
    else to.outcome = this.readEvent(bytes, from, end);
    return end;
  }

  /** What the scanner found at the wanted paths of `bytes[from, until)`. */
  private readEvent(
    bytes: Uint8Array,
    from: number,
    until: number,
  ): EventFacts | readonly Problem[] {
    if (bytes[spaceEnd(bytes, from, until)] !== 0x7b) {
      return [problem("not_an_object", "", "an object", "another JSON value")];
    }
    const { at, facts } = this;
    this.bytes = bytes;
    if (this.problems.length > 0) this.problems = [];
    this.readText(at.event_id, facts.eventId, true);
    this.readText(at.event_type, facts.eventType, true);
    this.readText(at.user_id, facts.userId, false);
    this.readText(at.anonymous_id, facts.anonymousId, false);
    this.readText(at.session_id, facts.sessionId, false);
    facts.sentMs = this.readTime(at.timestamp, true) ?? 0;
    facts.sentAtMs = this.readTime(at.sent_at, false);
    facts.receivedAtMs = this.limits.imported ? this.readTime(at.received_at, false) : undefined;
    const version = this.scanner.kinds[at.version]!;
    if (version > FIELD_NUMBER) this.wrongType(at.version, "text or a number", version);
    this.requireObject(at.properties);
    this.requireObject(at.context);
    if (this.problems.length > 0) return this.problems;
    facts.json.take(bytes, from, until, false);
    return facts;
  }

  private requireObject(slot: number): void {
    const kind = this.scanner.kinds[slot]!;
    if (kind <= FIELD_NULL) return;
    if (kind === FIELD_NESTED && this.bytes[this.scanner.starts[slot]!] === 0x7b) return;
    this.wrongType(slot, "an object", kind);
  }

  private readText(slot: number, to: TextSlice, required: boolean): void {
    const { scanner } = this;
    const kind = scanner.kinds[slot]!;
    to.clear();
    if (kind !== FIELD_TEXT && kind !== FIELD_ABSENT && kind !== FIELD_NULL) {
      this.wrongType(slot, "text", kind);
      return;
    }
    if (kind === FIELD_TEXT) {
      const escaped = scanner.escaped[slot] === 1;
      if (!to.take(this.bytes, scanner.starts[slot]!, scanner.ends[slot]!, escaped)) {
        this.add("bad_unicode", slot, "whole characters", "a lone surrogate");
      } else if (to.length > ID_BYTES) {
        this.add("too_long", slot, `at most ${ID_BYTES} bytes`, `${to.length} bytes`);
      }
    }
    if (required && to.length === 0) {
      const got = kind === FIELD_TEXT ? "empty text" : KIND_NAMES[kind]!;
      this.add("missing_field", slot, "text", got);
    }
  }

  /** The moment at a path; undefined where there is none (a problem if it is required or not a moment). */
  private readTime(slot: number, required: boolean): number | undefined {
    const { scanner, bytes, unescaper } = this;
    const kind = scanner.kinds[slot]!;
    if (kind <= FIELD_NULL && !required) return undefined;
    const start = scanner.starts[slot]!;
    const end = scanner.ends[slot]!;
    if (kind <= FIELD_NULL || (required && kind === FIELD_TEXT && start === end)) {
      const got = kind === FIELD_TEXT ? "empty text" : KIND_NAMES[kind]!;
      this.add("missing_field", slot, TIME, got);
      return undefined;
    }
    let ms = Number.NaN;
    if (kind === FIELD_TEXT && scanner.escaped[slot] === 0) {
      ms = parseInstantBytes(bytes, start, end);
    } else if (kind === FIELD_TEXT) {
      unescaper.run(bytes, start, end);
      ms = parseInstantBytes(unescaper.bytes, 0, unescaper.length);
    } else if (kind === FIELD_NUMBER) {
      if (parseUnits(bytes, start, end, 0, this.units) === DECIMAL_OK) ms = this.units.units;
    } else {
      this.wrongType(slot, TIME, kind);
      return undefined;
    }
    if (ms >= 0 && ms <= MAX_TIME_MS) return ms;
    this.add("bad_timestamp", slot, TIME, kind === FIELD_NUMBER ? "another number" : "other text");
    return undefined;
  }

  private add(reason: Reason, slot: number, expected: string, got: string): void {
    this.problems.push(problem(reason, this.names[slot]!, expected, got));
  }

  private wrongType(slot: number, expected: string, kind: number): void {
    this.add("wrong_type", slot, expected, KIND_NAMES[kind]!);
  }

  private tooLong(sizeBytes: number): readonly Problem[] {
    const expected = `at most ${this.limits.eventBytes} bytes`;
    return [problem("too_long", "", expected, `${sizeBytes} bytes`)];
  }

  private problemOfVerdict(verdict: number): Problem {
    if (verdict === SCAN_BAD_UNICODE) return problem("bad_unicode", "", "UTF-8", "other bytes");
    if (verdict !== SCAN_TOO_DEEP) return problem("not_json", "", "one JSON object", "other text");
    return problem("too_deep", "", `at most ${this.limits.depth} levels`, "more levels");
  }
}

const problem = (reason: Reason, path: string, expected: string, got: string): Problem => ({
  reason,
  path,
  expected,
  got,
});

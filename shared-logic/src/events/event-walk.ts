// Walks through a request body event by event and judges each in the pass that finds its end; runs of events that
// look as expected may be taken as records at once. A body is one JSON object (over several lines, if it likes), an
// array, or NDJSON (LF or CRLF, blank lines, no newline needed at the end); a byte order mark at the start is skipped.
// An array that is broken is refused as a whole, which shows only at its end: what was found until then counts for
// nothing. A broken line fails alone.
import type { EventFacts } from "./event-facts.ts";
import type { EventLimits } from "./event-limits.ts";
import type { EventValidator } from "./event-validator.ts";
import type { Problem } from "./problem.ts";
import { QuickRecords, type RecordRun } from "./quick-records.ts";
import type { Recording } from "./recording.ts";
import { isSpace, SCAN_BAD_UNICODE, spaceEnd } from "./scanner/json-grammar.ts";
import { validatorFor } from "./validate-event.ts";

const LF = 0x0a;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;

/** The body must not change while it is walked through. */
export class EventWalk {
  /** The event last found: body[start, end). */
  start = 0;
  end = 0;
  /** Its facts, valid until the next step or validation, or its problems. */
  outcome: EventFacts | readonly Problem[] = [];
  /** Why the body as a whole is refused; known for sure once `next` was false. */
  problem: Problem | undefined = undefined;
  private readonly body: Uint8Array;
  private readonly validator: EventValidator;
  private readonly quick: QuickRecords;
  private step: () => boolean;
  private at: number;

  constructor(body: Uint8Array, limits: EventLimits) {
    this.body = body;
    this.validator = validatorFor(limits);
    this.quick = new QuickRecords(body, this.validator, limits);
    this.begin();
    const mark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
    this.at = spaceEnd(body, mark, body.length);
    const first = body[this.at];
    if (first === OPEN_ARRAY) {
      this.at = spaceEnd(body, this.at + 1, body.length);
      this.step = body[this.at] === CLOSE_ARRAY ? this.closeArray : this.nextElement;
      if (this.at === body.length) this.refuse(0);
    } else this.step = first === OPEN_OBJECT ? this.wholeOrLine : this.nextLine;
  }

  /** Steps to the next event; false where there is none. */
  next(): boolean {
    const found = this.at < this.body.length && this.step();
    if (!found && this.validator.hasBegun(this.body)) this.validator.end();
    return found;
  }

  /** Adds the records of events from here on to `run`, none or many; `next` then goes on behind them. */
  takeRecords(recording: Recording, run: RecordRun): void {
    if (this.at >= this.body.length) return;
    // Somebody else may have walked through another body since.
    if (!this.validator.hasBegun(this.body)) this.begin();
    const { step, nextElement, nextLine } = this;
    if (step !== nextElement && step !== nextLine) return;
    const texts = step === nextLine ? "lines" : "elements";
    this.at = this.quick.take(texts, this.at, recording, run);
  }

  private begin(): void {
    this.validator.begin(this.body, 0, this.body.length);
  }

  /** The first step into something that begins as an object: it may be the whole body. */
  private wholeOrLine(): boolean {
    this.step = this.nextLine;
    const { body, at } = this;
    const end = this.validator.validateLeading(body, at, body.length, this);
    if (end < 0 || spaceEnd(body, end, body.length) < body.length) return this.nextLine();
    return this.found(at, end, body.length);
  }

  private nextLine(): boolean {
    const { body } = this;
    while (this.at < body.length) {
      const newline = body.indexOf(LF, this.at);
      const lineEnd = newline < 0 ? body.length : newline;
      const start = spaceEnd(body, this.at, lineEnd);
      this.at = lineEnd + 1;
      if (start === lineEnd) continue;
      let end = lineEnd;
      while (isSpace(body[end - 1])) end--;
      this.outcome = this.validator.validate(body, start, end);
      return this.found(start, end, this.at);
    }
    return false;
  }

  private nextElement(): boolean {
    const { body, at } = this;
    const end = this.validator.validateLeading(body, at, body.length, this);
    if (end < 0) return this.refuse(end);
    const behind = spaceEnd(body, end, body.length);
    if (body[behind] === CLOSE_ARRAY) {
      if (spaceEnd(body, behind + 1, body.length) < body.length) return this.refuse(0);
      return this.found(at, end, body.length);
    }
    if (body[behind] !== COMMA) return this.refuse(0);
    const next = spaceEnd(body, behind + 1, body.length);
    // Nothing behind a comma: the next step would not come to see it.
    return next < body.length ? this.found(at, end, next) : this.refuse(0);
  }

  private closeArray(): boolean {
    if (spaceEnd(this.body, this.at + 1, this.body.length) < this.body.length) this.refuse(0);
    this.at = this.body.length;
    return false;
  }

  private found(start: number, end: number, at: number): boolean {
    this.start = start;
    this.end = end;
    this.at = at;
    return true;
  }

  private refuse(verdict: number): false {
    this.at = this.body.length;
    this.problem =
      verdict === SCAN_BAD_UNICODE
        ? { reason: "bad_unicode", path: "", expected: "UTF-8", got: "other bytes" }
        : { reason: "not_json", path: "", expected: "an array of events", got: "a broken array" };
    return false;
  }
}

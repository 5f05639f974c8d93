// What EventWalk must find, cut in a pass of its own: a body is one JSON object (over several lines, if it likes), an
// array, or NDJSON (LF or CRLF, blank lines, no newline needed at the end). An array is one text: broken anywhere, all
// of it is refused, for nobody can say where its events end. Lines stand for themselves: a broken one fails alone, in
// validation. A byte order mark at the start is skipped.
import type { Problem } from "../../src/events/problem.ts";
import { SCAN_BAD_UNICODE, spaceEnd } from "../../src/events/scanner/json-grammar.ts";
import { JsonScanner, UNLIMITED_DEPTH } from "../../src/events/scanner/json-scanner.ts";
import { compilePaths } from "../../src/events/scanner/path-trie.ts";

const LF = 0x0a;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;

export class EventSlices {
  /** Slice i is body[starts[i], ends[i]), without white space around it. */
  count = 0;
  starts = new Int32Array(64);
  ends = new Int32Array(64);
  /** Why there are none, where the body as a whole is refused. */
  problem: Problem | undefined = undefined;

  add(from: number, until: number): void {
    if (this.count === this.starts.length) {
      const [starts, ends] = [this.starts, this.ends];
      this.starts = new Int32Array(this.count * 2);
      this.ends = new Int32Array(this.count * 2);
      this.starts.set(starts);
      this.ends.set(ends);
    }
    this.starts[this.count] = from;
    this.ends[this.count++] = until;
  }

  refuse(verdict: number): this {
    this.count = 0;
    this.problem =
      verdict === SCAN_BAD_UNICODE
        ? { reason: "bad_unicode", path: "", expected: "UTF-8", got: "other bytes" }
        : { reason: "not_json", path: "", expected: "an array of events", got: "a broken array" };
    return this;
  }
}

const scanner = new JsonScanner(compilePaths([]), UNLIMITED_DEPTH);

export function splitEvents(body: Uint8Array): EventSlices {
  const out = new EventSlices();
  const mark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  const from = spaceEnd(body, mark, body.length);
  if (from === body.length) return out;
  if (body[from] === OPEN_ARRAY) return splitArray(body, from, out);
  if (body[from] === OPEN_OBJECT) {
    const end = scanner.scanValue(body, from, body.length);
    if (end >= 0 && spaceEnd(body, end, body.length) === body.length) {
      out.add(from, end);
      return out;
    }
  }
  return splitLines(body, from, body.length, out);
}

/** Adds every line of `body[from, until)` that is not blank. */
function splitLines(body: Uint8Array, from: number, until: number, out: EventSlices): EventSlices {
  for (let i = from; i < until; ) {
    const newline = body.indexOf(LF, i);
    const lineEnd = newline < 0 || newline > until ? until : newline;
    const start = spaceEnd(body, i, lineEnd);
    if (start < lineEnd) {
      let end = lineEnd;
      while (body[end - 1]! <= 0x20 && spaceEnd(body, end - 1, end) === end) end--;
      out.add(start, end);
    }
    i = lineEnd + 1;
  }
  return out;
}

function splitArray(body: Uint8Array, from: number, out: EventSlices): EventSlices {
  let i = spaceEnd(body, from + 1, body.length);
  let closed = body[i] === CLOSE_ARRAY;
  while (!closed) {
    const start = spaceEnd(body, i, body.length);
    const end = scanner.scanValue(body, start, body.length);
    if (end < 0) return out.refuse(end);
    out.add(start, end);
    i = spaceEnd(body, end, body.length);
    closed = body[i] === CLOSE_ARRAY;
    if (!closed && body[i] !== COMMA) return out.refuse(end);
    if (!closed) i++;
  }
  if (spaceEnd(body, i + 1, body.length) !== body.length) return out.refuse(i);
  return out;
}

// Log records of the events at a place of a request body, many at once, where a kernel knows them all: what
// validation, decideTime and makeRecord would make of each.
import type { AppendRecord } from "../ports/event-log.ts";
import { CLOCK_TOLERANCE_MS } from "./decide-time.ts";
import type { EventLimits } from "./event-limits.ts";
import type { EventValidator } from "./event-validator.ts";
import { type EventKernel, ROW_GOOD } from "./kernels/event-kernel.ts";
import type { TakeBytes } from "./record.ts";
import { isSpace } from "./scanner/json-grammar.ts";

const LF = 0x0a;
/** Most requests hold no more, and are then judged by one call. */
const FIRST = 32;
const MOST = 128;

/** Lines cut last: nobody needs them any more when the next are cut. */
const lineStarts = new Int32Array(MOST);
const lineEnds = new Int32Array(MOST);
const lineNexts = new Int32Array(MOST);

/** What a collector decides for all events of a request. */
export interface Recording {
  /** UTF-8. */
  readonly tenant: Uint8Array;
  readonly now: number;
  readonly partitions: number;
  /** Where the records' bytes and keys stand. */
  readonly take: TakeBytes;
}

/** Records of a run of events, and where each of these stands in the body. */
export interface RecordRun {
  readonly records: AppendRecord[];
  readonly starts: number[];
  readonly ends: number[];
}

export class QuickRecords {
  private readonly body: Uint8Array;
  private readonly validator: EventValidator;
  private readonly limits: EventLimits;
  /** Rows tried at once: more while all are good, so that little is tried in vain. */
  private most = FIRST;

  constructor(body: Uint8Array, validator: EventValidator, limits: EventLimits) {
    this.body = body;
    this.validator = validator;
    this.limits = limits;
  }

  /** Adds those of the array's elements from `at` on to `run`; where the first one stands that is not in it. */
  elements(at: number, recording: Recording, run: RecordRun): number {
    const { body, most } = this;
    const found = this.validator.validateElements(at, body.length, most, recording.now);
    if (!found || !fits(found.kernel, recording)) return at;
    const good = this.goodRows(found.kernel, found.rows, recording.now);
    const next = good === found.rows ? found.next : found.kernel.starts[good]!;
    this.take(found.kernel, good, recording, run);
    return next;
  }

  /** As `elements`, of lines. */
  lines(at: number, recording: Recording, run: RecordRun): number {
    const rows = this.cutLines(at);
    const kernel = this.validator.validateRows(lineStarts, lineEnds, 0, rows, recording.now);
    if (!kernel || !fits(kernel, recording)) return at;
    const good = this.goodRows(kernel, rows, recording.now);
    this.take(kernel, good, recording, run);
    return good === 0 ? at : lineNexts[good - 1]!;
  }

  /** Lines from `at` on, without white space around them; none behind an empty one. */
  private cutLines(at: number): number {
    const { body, most } = this;
    let rows = 0;
    for (let from = at; rows < most && from < body.length; rows++) {
      const newline = body.indexOf(LF, from);
      let end = newline < 0 ? body.length : newline;
      lineNexts[rows] = end + 1;
      while (end > from && isSpace(body[end - 1])) end--;
      let start = from;
      while (start < end && isSpace(body[start])) start++;
      if (start === end) break;
      lineStarts[rows] = start;
      lineEnds[rows] = end;
      from = lineNexts[rows]!;
    }
    return rows;
  }

  private goodRows(kernel: EventKernel, rows: number, now: number): number {
    const { status, receivedMs } = kernel;
    const latest = this.limits.imported ? now + CLOCK_TOLERANCE_MS : Number.POSITIVE_INFINITY;
    let good = 0;
    while (good < rows && status[good] === ROW_GOOD && receivedMs[good]! <= latest) good++;
    this.most = good < rows ? Math.max(2, good) : Math.min(MOST, 2 * this.most);
    return good;
  }

  private take(kernel: EventKernel, rows: number, recording: Recording, run: RecordRun): void {
    if (rows === 0) return;
    const { tenant, partitions, take } = recording;
    for (let r = 0; r < rows; r++) {
      run.starts.push(kernel.starts[r]!);
      run.ends.push(kernel.ends[r]!);
    }
    kernel.records(rows, tenant, partitions, take, run.records);
  }
}

const fits = (kernel: EventKernel, { tenant }: Recording): boolean =>
  tenant.length <= kernel.tenantBytes;

// Log records of the events at a place of a request body, many at once, where a kernel knows them all: what
// validation, decideTime and makeRecord would make of each.
import type { AppendRecord } from "../ports/event-log.ts";
import { CLOCK_TOLERANCE_MS } from "./decide-time.ts";
import type { EventLimits } from "./event-limits.ts";
import type { EventValidator } from "./event-validator.ts";
import { type EventKernel, ROW_GOOD, type RunTexts } from "./kernels/event-kernel.ts";
import type { Recording } from "./recording.ts";

/** Most requests hold no more, and are then judged by one call. */
const FIRST = 32;
const MOST = 128;

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

  /**
   * Adds those of the texts from `at` on, where one begins, to `run` that are good, one behind the other; where the first
   * one begins that is not in it.
   */
  take(texts: RunTexts, at: number, recording: Recording, run: RecordRun): number {
    const { body, most } = this;
    const found = this.validator.validateRun(texts, at, body.length, most, recording.now);
    if (!found || !fits(found.kernel, recording)) return at;
    const { kernel, rows, next } = found;
    const good = this.goodRows(kernel, rows, recording.now);
    if (good > 0) this.record(kernel, good, recording, run);
    // Of lines, what stands between the two is white space.
    return good === rows ? next : kernel.starts[good]!;
  }

  private goodRows(kernel: EventKernel, rows: number, now: number): number {
    const { status, receivedMs } = kernel;
    const latest = this.limits.imported ? now + CLOCK_TOLERANCE_MS : Number.POSITIVE_INFINITY;
    let good = 0;
    while (good < rows && status[good] === ROW_GOOD && receivedMs[good]! <= latest) good++;
    this.most = good < rows ? Math.max(2, good) : Math.min(MOST, 2 * this.most);
    return good;
  }

  private record(kernel: EventKernel, rows: number, recording: Recording, run: RecordRun): void {
    for (let r = 0; r < rows; r++) {
      run.starts.push(kernel.starts[r]!);
      run.ends.push(kernel.ends[r]!);
    }
    kernel.records(rows, recording, run.records);
  }
}

const fits = (kernel: EventKernel, { tenant }: Recording): boolean =>
  tenant.length <= kernel.tenantBytes;

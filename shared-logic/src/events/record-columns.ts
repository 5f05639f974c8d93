// The columns that stand in record headers, for one batch after another in the same growing buffers.
// Reading is total: a record whose header makes no sense is a dead row, never an exception.
import type { RecordBatch } from "../ports/event-log.ts";
import type { Cut } from "./cut.ts";
import { ROW_CUT, ROW_DEAD, ROW_EVENT, USER_ANONYMOUS } from "./event-columns.ts";
import { MAX_TIME_MS } from "./event-facts.ts";
import type { EventKernel } from "./kernels/event-kernel.ts";
import {
  decodeCut,
  RECORD_CUT,
  RECORD_EVENT,
  RECORD_HEADER_BYTES,
  RECORD_VERSION,
} from "./record.ts";

const isTime = (ms: number): boolean => ms >= 0 && ms <= MAX_TIME_MS && Math.floor(ms) === ms;
const FLAG_BITS = 0x3f;

export class RecordColumns {
  rowKinds = new Uint8Array(0);
  flags = new Uint8Array(0);
  timeMs = new Float64Array(0);
  sentMs = new Float64Array(0);
  receivedMs = new Float64Array(0);
  idHashes = new Uint32Array(0);
  userHashes = new Uint32Array(0);
  userKinds = new Uint8Array(0);
  /** The tenant is bytes[tenantStarts, typeStarts), the type bytes[typeStarts, bodyStarts). */
  tenantStarts = new Int32Array(0);
  typeStarts = new Int32Array(0);
  /** Empty for rows that are no event. */
  bodyStarts = new Int32Array(0);
  bodyEnds = new Int32Array(0);
  readonly cuts = new Map<number, Cut>();

  begin(count: number): void {
    this.cuts.clear();
    if (this.rowKinds.length >= count) return;
    const room = Math.max(count, 2 * this.rowKinds.length);
    this.rowKinds = new Uint8Array(room);
    this.flags = new Uint8Array(room);
    this.timeMs = new Float64Array(room);
    this.sentMs = new Float64Array(room);
    this.receivedMs = new Float64Array(room);
    this.idHashes = new Uint32Array(4 * room);
    this.userHashes = new Uint32Array(2 * room);
    this.userKinds = new Uint8Array(room);
    this.tenantStarts = new Int32Array(room);
    this.typeStarts = new Int32Array(room);
    this.bodyStarts = new Int32Array(room);
    this.bodyEnds = new Int32Array(room);
  }

  /** Reads the header of a record that begins with RECORD_MAGIC. `view` is of the batch's bytes. */
  read(batch: RecordBatch, view: DataView, row: number): void {
    const start = batch.starts[row]!;
    const end = batch.ends[row]!;
    if (end - start < RECORD_HEADER_BYTES || view.getUint8(start + 1) !== RECORD_VERSION) {
      this.dead(row);
      return;
    }
    const kind = view.getUint8(start + 2);
    if (kind === RECORD_CUT) {
      this.readCut(batch.bytes.subarray(start, end), row);
      return;
    }
    const timeMs = view.getFloat64(start + 36, true);
    const sentMs = view.getFloat64(start + 28, true);
    const receivedMs = view.getFloat64(start + 44, true);
    const tenantStart = start + RECORD_HEADER_BYTES;
    const typeStart = tenantStart + view.getUint16(start + 52, true);
    const bodyStart = typeStart + view.getUint16(start + 54, true);
    const bits = view.getUint8(start + 3);
    const sane = isTime(timeMs) && isTime(sentMs) && isTime(receivedMs);
    if (kind !== RECORD_EVENT || bodyStart > end || !sane || bits >> 6 > USER_ANONYMOUS) {
      this.dead(row);
      return;
    }
    this.rowKinds[row] = ROW_EVENT;
    this.flags[row] = bits & FLAG_BITS;
    this.userKinds[row] = bits >> 6;
    this.timeMs[row] = timeMs;
    this.sentMs[row] = sentMs;
    this.receivedMs[row] = receivedMs;
    for (let lane = 0; lane < 4; lane++) {
      this.idHashes[4 * row + lane] = view.getUint32(start + 4 + 4 * lane, true);
    }
    this.userHashes[2 * row] = view.getUint32(start + 20, true);
    this.userHashes[2 * row + 1] = view.getUint32(start + 24, true);
    this.tenantStarts[row] = tenantStart;
    this.typeStarts[row] = typeStart;
    this.bodyStarts[row] = bodyStart;
    this.bodyEnds[row] = end;
  }

  /** Takes rows [row, row + count) of foreign events from a kernel; of those not ROW_GOOD, anything. */
  putRows(row: number, count: number, kernel: EventKernel, { starts, ends }: RecordBatch): void {
    this.rowKinds.fill(ROW_EVENT, row, row + count);
    this.flags.set(kernel.flags.subarray(0, count), row);
    this.timeMs.set(kernel.timeMs.subarray(0, count), row);
    this.sentMs.set(kernel.sentMs.subarray(0, count), row);
    this.receivedMs.set(kernel.receivedMs.subarray(0, count), row);
    this.idHashes.set(kernel.idHashes.subarray(0, 4 * count), 4 * row);
    this.userHashes.set(kernel.userHashes.subarray(0, 2 * count), 2 * row);
    this.userKinds.set(kernel.userKinds.subarray(0, count), row);
    this.bodyStarts.set(starts.subarray(row, row + count), row);
    this.bodyEnds.set(ends.subarray(row, row + count), row);
  }

  dead(row: number): void {
    this.clear(row, ROW_DEAD);
  }

  private readCut(record: Uint8Array, row: number): void {
    try {
      this.cuts.set(row, decodeCut(record));
      this.clear(row, ROW_CUT);
    } catch {
      this.dead(row);
    }
  }

  private clear(row: number, kind: number): void {
    this.rowKinds[row] = kind;
    this.flags[row] = 0;
    this.userKinds[row] = 0;
    this.timeMs[row] = 0;
    this.sentMs[row] = 0;
    this.receivedMs[row] = 0;
    this.idHashes.fill(0, 4 * row, 4 * row + 4);
    this.userHashes.fill(0, 2 * row, 2 * row + 2);
    this.bodyStarts[row] = 0;
    this.bodyEnds[row] = 0;
  }
}

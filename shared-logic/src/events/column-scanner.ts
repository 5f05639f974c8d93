// Log records into columns: the door from the log to everything that folds. Tenant, type, times and
// hashes come from the record headers; a body is read only if a field asks for it. A record without our
// header (another producer's JSON topic) goes through validation first and is an event or dead.
// Results are valid until the next scan.
import type { RecordBatch } from "../ports/event-log.ts";
import { BodyColumns } from "./body-columns.ts";
import type { Cut } from "./cut.ts";
import { type EventColumns, type FieldColumn, ROW_EVENT } from "./event-columns.ts";
import type { EventLimits } from "./event-limits.ts";
import { ForeignRows, isForeign } from "./foreign-rows.ts";
import type { Kernels } from "./kernels/kernel-choice.ts";
import { RecordColumns } from "./record-columns.ts";
import { DEFAULT_INTERNER_LIMIT, type InternerLimit } from "./slice-column.ts";
import { TextDictionary } from "./text-dictionary.ts";

export interface ColumnScannerOptions {
  /** The tenant of records without a header; default none (the empty text). */
  readonly tenant?: string;
  readonly internerLimit?: InternerLimit;
  /** For records without a header. */
  readonly eventLimits?: EventLimits;
  /** Default: those chosen for the process. */
  readonly kernels?: Kernels;
}

const encoder = new TextEncoder();
const HEADER_FIELDS: ReadonlySet<string> = new Set(["tenant", "event_type"]);

export class ColumnScanner {
  private readonly records = new RecordColumns();
  private readonly bodies: BodyColumns;
  private readonly tenants: TextDictionary | undefined;
  private readonly types: TextDictionary | undefined;
  private readonly internerLimit: InternerLimit;
  private readonly foreign: ForeignRows;

  /** `fields`: paths as in metrics/selector.ts, and `tenant`. */
  constructor(fields: readonly string[], options: ColumnScannerOptions = {}) {
    this.internerLimit = options.internerLimit ?? DEFAULT_INTERNER_LIMIT;
    this.tenants = fields.includes("tenant") ? new TextDictionary() : undefined;
    this.types = fields.includes("event_type") ? new TextDictionary() : undefined;
    const inBody = fields.filter((f) => !HEADER_FIELDS.has(f));
    this.bodies = new BodyColumns(inBody, this.internerLimit, options.kernels);
    this.foreign = new ForeignRows(
      { records: this.records, bodies: this.bodies, tenants: this.tenants, types: this.types },
      encoder.encode(options.tenant ?? ""),
      options.eventLimits,
      options.kernels,
    );
  }

  scan(batch: RecordBatch): EventColumns {
    const { records, tenants, types } = this;
    const { bytes, count } = batch;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    records.begin(count);
    this.bodies.begin(bytes, count);
    tenants?.begin(count, this.internerLimit);
    types?.begin(count, this.internerLimit);
    const begins = count > 0 && isForeign(batch, 0);
    if (begins) this.foreign.begin(batch);
    const readOwn = (row: number): void => this.readOwn(batch, view, row, row + 1);
    for (let row = 0; row < count; ) {
      const foreign = isForeign(batch, row);
      const from = row++;
      // Where one is foreign all are, as a rule: own ones among them turn up as what the kernel does not know.
      if (begins) row = count;
      while (row < count && isForeign(batch, row) === foreign) row++;
      if (foreign) this.foreign.read(batch, from, row, readOwn);
      else this.readOwn(batch, view, from, row);
    }
    if (begins) this.foreign.end();
    tenants?.end(count);
    types?.end(count);
    this.bodies.end({
      bytes,
      starts: records.bodyStarts,
      ends: records.bodyEnds,
      count,
      idHashes: records.idHashes,
      userHashes: records.userHashes,
      userKinds: records.userKinds,
    });
    return this.columnsOf(batch);
  }

  private readOwn(batch: RecordBatch, view: DataView, from: number, until: number): void {
    const { records, tenants, types } = this;
    const { bytes } = batch;
    for (let row = from; row < until; row++) {
      records.read(batch, view, row);
      if (records.rowKinds[row] === ROW_EVENT) {
        const typeStart = records.typeStarts[row]!;
        tenants?.put(row, bytes, records.tenantStarts[row]!, typeStart);
        types?.put(row, bytes, typeStart, records.bodyStarts[row]!);
      } else {
        tenants?.none(row);
        types?.none(row);
      }
    }
  }

  private columnsOf(batch: RecordBatch): EventColumns {
    const { records } = this;
    return {
      partition: batch.partition,
      count: batch.count,
      offsets: batch.offsets,
      rowKinds: records.rowKinds,
      flags: records.flags,
      timeMs: records.timeMs,
      sentMs: records.sentMs,
      receivedMs: records.receivedMs,
      idHashes: records.idHashes,
      userKinds: records.userKinds,
      field: (path) => this.field(path),
      cut: (row) => this.cut(row),
    };
  }

  private field(path: string): FieldColumn {
    const column =
      path === "tenant"
        ? this.tenants?.column
        : path === "event_type"
          ? this.types?.column
          : this.bodies.field(path);
    if (!column) throw new RangeError(`field ${path} was not asked for`);
    return column;
  }

  private cut(row: number): Cut {
    const cut = this.records.cuts.get(row);
    if (!cut) throw new RangeError(`row ${row} is no cut`);
    return cut;
  }
}

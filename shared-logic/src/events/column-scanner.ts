// Log records into columns: the door from the log to everything that folds. Tenant, type, times and
// hashes come from the record headers; a body is read only if a field asks for it. A record without our
// header (another producer's JSON topic) goes through validation first and is an event or dead.
// Results are valid until the next scan.
import type { RecordBatch } from "../ports/event-log.ts";
import { BodyColumns, type FieldSlots } from "./body-columns.ts";
import type { Cut } from "./cut.ts";
import { decideTime } from "./decide-time.ts";
import { type EventColumns, type FieldColumn, ROW_EVENT } from "./event-columns.ts";
import type { EventFacts } from "./event-facts.ts";
import { hashEventId, hashUser } from "./event-hashes.ts";
import { DEFAULT_EVENT_LIMITS, type EventLimits } from "./event-limits.ts";
import { EventValidator } from "./event-validator.ts";
import { importReceivedMs } from "./make-record.ts";
import { RECORD_MAGIC } from "./record.ts";
import { RecordColumns } from "./record-columns.ts";
import type { Kernels } from "./scanner/special-bytes.ts";
import { DEFAULT_INTERNER_LIMIT, type InternerLimit } from "./slice-column.ts";
import { TextDictionary } from "./text-dictionary.ts";

export interface ColumnScannerOptions {
  /** The tenant of records without a header; default none (the empty text). */
  readonly tenant?: string;
  readonly internerLimit?: InternerLimit;
  /** For records without a header. */
  readonly eventLimits?: EventLimits;
  /** Default "fast". */
  readonly kernels?: Kernels;
}

const encoder = new TextEncoder();
const HEADER_FIELDS: ReadonlySet<string> = new Set(["tenant", "event_type"]);

export class ColumnScanner {
  private readonly records = new RecordColumns();
  private readonly bodies: BodyColumns;
  private readonly tenants: TextDictionary | undefined;
  private readonly types: TextDictionary | undefined;
  private readonly foreignTenant: Uint8Array;
  private readonly internerLimit: InternerLimit;
  private readonly validator: EventValidator;
  private readonly found: FieldSlots;

  /** `fields`: paths as in metrics/selector.ts, and `tenant`. */
  constructor(fields: readonly string[], options: ColumnScannerOptions = {}) {
    this.internerLimit = options.internerLimit ?? DEFAULT_INTERNER_LIMIT;
    this.foreignTenant = encoder.encode(options.tenant ?? "");
    this.tenants = fields.includes("tenant") ? new TextDictionary() : undefined;
    this.types = fields.includes("event_type") ? new TextDictionary() : undefined;
    const inBody = fields.filter((f) => !HEADER_FIELDS.has(f));
    this.bodies = new BodyColumns(inBody, this.internerLimit, options.kernels);
    const limits = { ...(options.eventLimits ?? DEFAULT_EVENT_LIMITS), imported: true };
    const validator = new EventValidator(limits, this.bodies.paths, options.kernels);
    this.validator = validator;
    this.found = this.bodies.slotsIn(validator.scanner, (path) => validator.slotOf(path));
  }

  scan(batch: RecordBatch): EventColumns {
    const { records, tenants, types } = this;
    const { bytes, starts, ends, count } = batch;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    records.begin(count);
    this.bodies.begin(bytes, count);
    tenants?.begin(count, this.internerLimit);
    types?.begin(count, this.internerLimit);
    let foreign = false;
    for (let row = 0; row < count; row++) {
      if (starts[row]! < ends[row]! && bytes[starts[row]!] !== RECORD_MAGIC) {
        if (!foreign) this.validator.begin(bytes, starts[row]!, ends[count - 1]!);
        foreign = true;
        this.readForeign(batch, row);
        continue;
      }
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
    if (foreign) this.validator.end();
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

  private readForeign(batch: RecordBatch, row: number): void {
    const { records } = this;
    const [from, until] = [batch.starts[row]!, batch.ends[row]!];
    const { validator } = this;
    const facts = validator.validate(batch.bytes, from, until);
    if (!("eventId" in facts)) {
      records.dead(row);
      this.tenants?.none(row);
      this.types?.none(row);
      return;
    }
    this.putForeign(facts, row, from, until);
    this.bodies.putRow(row, this.found);
  }

  private putForeign(facts: EventFacts, row: number, from: number, until: number): void {
    const { records } = this;
    const receivedMs = importReceivedMs(facts);
    const decided = decideTime(facts.sentMs, undefined, receivedMs);
    records.putForeign(row, facts.sentMs, receivedMs, from, until);
    records.timeMs[row] = decided.timeMs;
    records.flags[row] = records.flags[row]! | decided.flags;
    hashEventId(facts, records.idHashes, 4 * row);
    records.userKinds[row] = hashUser(facts, records.userHashes, 2 * row);
    this.tenants?.put(row, this.foreignTenant, 0, this.foreignTenant.length);
    const type = facts.eventType;
    this.types?.put(row, type.bytes, type.from, type.until);
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

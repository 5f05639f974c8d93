// A plain recount of the default catalogue straight from the log's records: no reducers, no columns, no
// sketches. Copies of an event (same tenant, id and as-sent day) count once, the first of its partition.
import { RECORD_EVENT, RECORD_HEADER_BYTES, type RecordBatch } from "@tandem/shared-logic";

export interface PlainEvent {
  readonly tenant: string;
  readonly timeMs: number;
  readonly id: string;
  readonly type: string;
  readonly user: string | undefined;
  readonly platform: string | null;
  readonly country: string | null;
  readonly price: unknown;
}

/** Each event once, in the order of `batches`, which hold one partition from genesis to `below`. */
export function firstCopies(
  batches: readonly RecordBatch[],
  below = Number.POSITIVE_INFINITY,
): PlainEvent[] {
  const seen = new Set<string>();
  const events: PlainEvent[] = [];
  for (const b of batches) {
    const bytes = Buffer.from(b.bytes.buffer, b.bytes.byteOffset, b.bytes.byteLength);
    for (let i = 0; i < b.count; i++) {
      const [at, end] = [b.starts[i] ?? 0, b.ends[i] ?? 0];
      if ((b.offsets[i] ?? 0) >= below || bytes[at + 2] !== RECORD_EVENT) continue;
      const tenantBytes = bytes.readUInt16LE(at + 52);
      const typeBytes = bytes.readUInt16LE(at + 54);
      const body = at + RECORD_HEADER_BYTES + tenantBytes + typeBytes;
      const tenant = bytes.toString(
        "utf8",
        at + RECORD_HEADER_BYTES,
        at + RECORD_HEADER_BYTES + tenantBytes,
      );
      const e = JSON.parse(bytes.toString("utf8", body, end)) as Record<string, never>;
      const sentDay = Math.floor(bytes.readDoubleLE(at + 28) / 86_400_000);
      const identity = JSON.stringify([tenant, e["event_id"], sentDay]);
      if (seen.has(identity)) continue;
      seen.add(identity);
      events.push({
        tenant,
        timeMs: bytes.readDoubleLE(at + 36),
        id: e["event_id"] ?? "",
        type: e["event_type"] ?? "",
        user: e["user_id"]
          ? `u${e["user_id"]}`
          : e["anonymous_id"]
            ? `a${e["anonymous_id"]}`
            : undefined,
        platform: (e["context"] as { platform?: string } | undefined)?.platform ?? null,
        country: (e["properties"] as { country?: string } | undefined)?.country ?? null,
        price: (e["properties"] as { price?: unknown } | undefined)?.price,
      });
    }
  }
  return events;
}

/** Every event as it was sent, with its decided and received time, and whether its id came before. */
export function plainEvents(batches: readonly RecordBatch[]) {
  const seen = new Set<string>();
  const events: { readonly event: Record<string, unknown>; readonly copy: boolean }[] = [];
  for (const b of batches) {
    const bytes = Buffer.from(b.bytes.buffer, b.bytes.byteOffset, b.bytes.byteLength);
    for (let i = 0; i < b.count; i++) {
      const [at, end] = [b.starts[i] ?? 0, b.ends[i] ?? 0];
      if (bytes[at + 2] !== RECORD_EVENT) continue;
      const head = at + RECORD_HEADER_BYTES + bytes.readUInt16LE(at + 52);
      const body = bytes.toString("utf8", head + bytes.readUInt16LE(at + 54), end);
      const event = JSON.parse(body) as Record<string, unknown>;
      const sentDay = Math.floor(bytes.readDoubleLE(at + 28) / 86_400_000);
      const identity = JSON.stringify([event["event_id"], sentDay]);
      const [timestamp, received_at] = [bytes.readDoubleLE(at + 36), bytes.readDoubleLE(at + 44)];
      events.push({ event: { ...event, timestamp, received_at }, copy: seen.has(identity) });
      seen.add(identity);
    }
  }
  return events;
}

export interface Session {
  readonly startMs: number;
  readonly endMs: number;
  readonly first: PlainEvent;
}

const GAP_MS = 30 * 60_000;

/** Per user, events in time order; a new session when the gap is more than 30 minutes. */
export function plainSessions(events: readonly PlainEvent[]): Session[] {
  const byUser = new Map<string, PlainEvent[]>();
  for (const e of events) {
    if (e.user === undefined) continue;
    const list = byUser.get(e.user) ?? [];
    list.push(e);
    byUser.set(e.user, list);
  }
  const sessions: Session[] = [];
  for (const list of byUser.values()) {
    list.sort(
      (a, b) => a.timeMs - b.timeMs || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)),
    );
    let open: { startMs: number; endMs: number; first: PlainEvent } | undefined;
    for (const e of list) {
      if (open && e.timeMs - open.endMs <= GAP_MS) open.endMs = e.timeMs;
      else {
        open = { startMs: e.timeMs, endMs: e.timeMs, first: e };
        sessions.push(open);
      }
    }
  }
  return sessions;
}

const dimension: Readonly<Record<string, (e: PlainEvent) => string | null>> = {
  event_type: (e) => e.type,
  "context.platform": (e) => e.platform,
  "properties.country": (e) => e.country,
};

/** Milli-units of a price with at most three digits after the point. */
const milli = (price: unknown): bigint => BigInt(Math.round(Number(price) * 1000));

function halfEven(numerator: bigint, denominator: bigint): bigint {
  const [q, r] = [numerator / denominator, numerator % denominator];
  const twice = r * 2n;
  return twice > denominator || (twice === denominator && q % 2n === 1n) ? q + 1n : q;
}

const decimal = (units: bigint, scale: number): string => {
  const text = units.toString().padStart(scale + 1, "0");
  const fraction = text.slice(text.length - scale).replace(/0+$/, "");
  return text.slice(0, text.length - scale) + (fraction === "" ? "" : `.${fraction}`);
};

/** The value of a catalogue metric over [from, until) for one value of a dimension, or in total. */
export function plainValue(
  metric: string,
  events: readonly PlainEvent[],
  sessions: readonly Session[],
  from: number,
  until: number,
  dim?: string,
  value?: string | null,
): string | null {
  const of = dim === undefined ? undefined : dimension[dim];
  const keep = (e: PlainEvent): boolean => of === undefined || of(e) === value;
  const own = events.filter((e) => e.timeMs >= from && e.timeMs < until && keep(e));
  const bought = own.filter((e) => e.type === "purchase");
  const revenue = bought.reduce((sum, e) => sum + milli(e.price), 0n);
  const started = sessions.filter((s) => s.startMs >= from && s.startMs < until && keep(s.first));
  switch (metric) {
    case "events":
      return String(own.length);
    case "active_users":
      return String(new Set(own.flatMap((e) => (e.user === undefined ? [] : [e.user]))).size);
    case "purchases":
      return String(bought.length);
    case "revenue":
      return decimal(revenue, 3);
    case "average_order_value":
      return bought.length === 0
        ? null
        : decimal(halfEven(revenue, BigInt(bought.length) * 10n), 2);
    case "error_rate":
      return own.length === 0
        ? null
        : decimal(
            halfEven(
              BigInt(own.filter((e) => e.type === "error").length) * 1_000_000n,
              BigInt(own.length),
            ),
            6,
          );
    case "sessions":
      return String(started.length);
    case "session_length": {
      const ms = started.reduce(
        (sum, s) => sum + BigInt(Math.min(s.endMs - s.startMs, 86_400_000)),
        0n,
      );
      return started.length === 0 ? null : decimal(halfEven(ms, BigInt(started.length)), 3);
    }
    default:
      throw new RangeError(metric);
  }
}

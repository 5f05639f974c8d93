// Event columns made of plain event objects, for laws and tests: the meaning of paths and decimals
// (metrics/selector.ts, events/event-columns.ts) written out the slow way, apart from the byte scanner.
// A number may also be a bigint, where a test needs digits that a JavaScript number has not.
import { TOO_LATE_MS } from "../events/decide-time.ts";
import {
  type EventColumns,
  type FieldColumn,
  FLAG_TOO_LATE,
  ROW_EVENT,
  USER_ANONYMOUS,
  USER_ID,
  USER_NONE,
} from "../events/event-columns.ts";
import { Interner } from "../events/interner.ts";
import { withMadeFields } from "../fold/made-fields.ts";
import { murmur3Text } from "../hash/murmur3.ts";
import { DAY_MS } from "../time/epoch-ms.ts";
import { parseInstant } from "../time/iso-8601.ts";
import { fieldColumnOf } from "./field-column-of.ts";

export type PlainEvent = Readonly<Record<string, unknown>>;

export interface ColumnsOptions {
  readonly partition?: number;
  readonly tenant?: string;
  readonly firstOffset?: number;
  /** Interners by path, to be shared by several batches. Missing ones are added. */
  readonly interners?: Map<string, Interner>;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** The user key: `u` and the user id, or `a` and the anonymous id, or nothing. */
function userOf(event: PlainEvent): { kind: number; key: string | undefined } {
  const { user_id, anonymous_id } = event;
  const user = textOf(user_id);
  if (user !== undefined) return { kind: USER_ID, key: `u${user}` };
  const anonymous = textOf(anonymous_id);
  if (anonymous !== undefined) return { kind: USER_ANONYMOUS, key: `a${anonymous}` };
  return { kind: USER_NONE, key: undefined };
}

const NAMES = ["event_type", "event_id", "session_id", "version", "user_id", "anonymous_id"];

/** The value at a path; undefined where there is none. Arrays are not walked into. */
function valueAt(event: PlainEvent, path: string): unknown {
  const steps = path.split(".");
  const first = steps[0] ?? "";
  const walks = first === "properties" || first === "context";
  if (!walks && !(steps.length === 1 && NAMES.includes(first))) {
    throw new RangeError(`no path ${path}`);
  }
  let at: unknown = event;
  for (const step of steps) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return undefined;
    if (!Object.hasOwn(at, step)) return undefined;
    at = (at as PlainEvent)[step];
  }
  return at;
}

function timeOf(value: unknown): number {
  if (typeof value === "number") return value;
  const ms = typeof value === "string" ? parseInstant(value) : 0;
  if (ms === undefined) throw new RangeError(`no timestamp: ${String(value)}`);
  return ms;
}

/**
 * One batch. Every path can be asked for. Absent id, type and timestamp are filled in (`e0`, `e1`, …,
 * `event`, the epoch); decided time is the timestamp, received time `received_at` or else
 * the timestamp. An event whose id and day stood before is a copy (fold/made-fields.ts), and stays among the others.
 */
export function columnsOf(
  events: readonly PlainEvent[],
  options: ColumnsOptions = {},
): EventColumns {
  const { partition = 0, tenant = "test", firstOffset = 0, interners = new Map() } = options;
  const whole = events.map((e, i) => ({ event_id: `e${i}`, event_type: "event", ...e }));
  const users = whole.map(userOf);
  const times = Float64Array.from(events, ({ timestamp }) => timeOf(timestamp));
  const received = Float64Array.from(events, (e) => timeOf(e["received_at"] ?? e["timestamp"]));
  const idHashes = new Uint32Array(4 * whole.length);
  whole.forEach((e, i) => {
    idHashes.set(murmur3Text(String(e.event_id)), 4 * i);
  });
  const fields = new Map<string, FieldColumn>();
  const valuesOf = (path: string): unknown[] => {
    if (path === "tenant") return whole.map(() => tenant);
    if (path === "user") return users.map((u) => u.key);
    return whole.map((e) => valueAt(e, path));
  };
  const seen = new Set<string>();
  const copies = whole.map((e, i) => {
    const identity = JSON.stringify([e.event_id, Math.floor((times[i] ?? 0) / DAY_MS)]);
    const again = seen.has(identity);
    seen.add(identity);
    return again;
  });
  const columns: EventColumns = {
    partition,
    count: whole.length,
    offsets: Float64Array.from(whole, (_, i) => firstOffset + i),
    rowKinds: new Uint8Array(whole.length).fill(ROW_EVENT),
    flags: Uint8Array.from(times, (at, i) => {
      return (received[i] ?? 0) - at > TOO_LATE_MS ? FLAG_TOO_LATE : 0;
    }),
    timeMs: times,
    sentMs: times,
    receivedMs: received,
    idHashes,
    userKinds: Uint8Array.from(users, (u) => u.kind),
    field(path) {
      let field = fields.get(path);
      if (field === undefined) {
        let interner = interners.get(path);
        if (interner === undefined) {
          interner = new Interner();
          interners.set(path, interner);
        }
        field = fieldColumnOf(valuesOf(path), interner);
        fields.set(path, field);
      }
      return field;
    },
    cut(row) {
      throw new RangeError(`row ${row} is no cut`);
    },
  };
  return withMadeFields(columns, (row) => (copies[row] ? "again" : "first"));
}

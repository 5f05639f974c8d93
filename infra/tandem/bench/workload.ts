// The workload of all rows: events of about 282 bytes in arrival order over 24 h, the same bytes for the
// same count and seed. Tenants Zipf (s = 1) of 100, users Zipf (s = 0.8) of 1,000,000, ten event types
// (38 % to 0.5 %). 1 % of the fresh events come twice, as exact copies, a tenth of them at once, the others
// uniformly up to the end. 2 % have a timestamp 1 s to 72 h before their arrival, log-uniform.
import { below, DAY_MS, HOUR_MS, type Random, seededRandom, unit } from "@tandem/shared-logic";
import { Alias } from "./alias.ts";
import { CopyQueue } from "./copy-queue.ts";
import { LineWriter } from "./line-writer.ts";

export const START_MS = Date.UTC(2026, 2, 2);
export const TYPES = [
  "page_view",
  "click",
  "scroll",
  "search",
  "product_view",
  "add_to_cart",
  "login",
  "checkout",
  "purchase",
  "refund",
] as const;
export const TENANTS = 100;
const USERS = 1_000_000;
const COPIES = 0.01;
const LATE = 0.02;
const MAX_LATE_MS = 72 * HOUR_MS;
const TYPE_WEIGHTS = [38, 20, 12, 8, 8, 5, 4, 2.5, 2, 0.5];
const COUNTRIES = ["US", "DE", "BR", "IN", "FR", "GB", "JP", "PL", "NG", "CA"];
const COUNTRY_WEIGHTS = [30, 14, 12, 12, 8, 8, 6, 4, 3, 3];
const PLATFORMS = ["web", "ios", "android", "tv"];
const PLATFORM_WEIGHTS = [50, 22, 25, 3];
const SECTIONS = [
  "catalog/outdoor/camping",
  "catalog/kitchen/knives",
  "account/orders/history",
  "catalog/garden/furniture",
  "landing/spring/offers",
  "search/results/filtered",
];

export interface Workload {
  readonly count: number;
  readonly copies: number;
  /** Line i is bytes[starts[i], ends[i]), a newline behind it. */
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly arrivalMs: Float64Array;
  readonly timeMs: Float64Array;
  readonly tenants: Uint8Array;
  readonly types: Uint8Array;
  readonly users: Int32Array;
  /** 1 for the second coming of an event. */
  readonly isCopy: Uint8Array;
}

/** `usersDrawn`: how many different users there are; `context`: a member that each event ends with. */
export function makeWorkload(count: number, seed = 1, usersDrawn = USERS, context = ""): Workload {
  const random = seededRandom(seed);
  const tables = {
    types: new Alias(TYPE_WEIGHTS),
    countries: new Alias(COUNTRY_WEIGHTS),
    platforms: new Alias(PLATFORM_WEIGHTS),
    tenants: Alias.zipf(TENANTS, 1),
    users: Alias.zipf(usersDrawn, 0.8),
  };
  const out = new LineWriter(count * (297 + context.length) + 4096);
  const w = emptyWorkload(count);
  const queue = new CopyQueue();
  let copies = 0;
  for (let i = 0; i < count; i++) {
    const now = START_MS + Math.floor((i / count) * DAY_MS);
    w.arrivalMs[i] = now;
    w.starts[i] = out.at;
    if (queue.dueAt <= now) {
      const of = queue.take();
      out.copy(w.starts[of]!, w.ends[of]! + 1);
      for (const c of [w.timeMs, w.tenants, w.types, w.users]) c[i] = c[of]!;
      w.isCopy[i] = 1;
      copies++;
    } else {
      const late = unit(random) < LATE;
      w.timeMs[i] = now - (late ? Math.floor(1000 * (MAX_LATE_MS / 1000) ** unit(random)) : 0);
      w.types[i] = tables.types.draw(random);
      w.tenants[i] = tables.tenants.draw(random);
      w.users[i] = tables.users.draw(random);
      writeEvent(out, random, tables, w, i);
      out.text(context === "" ? "}\n" : `,${context}}\n`);
      if (unit(random) < COPIES) {
        const delayMs = below(random, 10) === 0 ? 0 : unit(random) * (START_MS + DAY_MS - now);
        queue.add(now + Math.floor(delayMs), i);
      }
    }
    w.ends[i] = out.at - 1;
  }
  return { ...w, count, copies, bytes: out.bytes.subarray(0, out.at) };
}

/**
 * One event of each user, event type and tenant at the beginning of each day that `makeWorkload` draws from; `arrivalMs`:
 * when they all arrive. `seed` is of the ids.
 */
export function makeKeys(usersDrawn: number, arrivalMs = START_MS, seed = 2): Workload {
  const random = seededRandom(seed);
  const tables = { countries: new Alias(COUNTRY_WEIGHTS), platforms: new Alias(PLATFORM_WEIGHTS) };
  const days = MAX_LATE_MS / DAY_MS + 1;
  const count = days * TENANTS * TYPES.length * usersDrawn;
  const out = new LineWriter(count * 297 + 4096);
  const w = emptyWorkload(count);
  for (let i = 0; i < count; i++) {
    const key = Math.floor(i / usersDrawn);
    w.users[i] = i % usersDrawn;
    w.types[i] = key % TYPES.length;
    w.tenants[i] = Math.floor(key / TYPES.length) % TENANTS;
    w.timeMs[i] = START_MS - Math.floor(key / TYPES.length / TENANTS) * DAY_MS;
    w.arrivalMs[i] = arrivalMs;
    w.starts[i] = out.at;
    writeEvent(out, random, tables, w, i);
    out.text("}\n");
    w.ends[i] = out.at - 1;
  }
  return { ...w, count, copies: 0, bytes: out.bytes.subarray(0, out.at) };
}

const emptyWorkload = (count: number) => ({
  starts: new Int32Array(count),
  ends: new Int32Array(count),
  arrivalMs: new Float64Array(count),
  timeMs: new Float64Array(count),
  tenants: new Uint8Array(count),
  types: new Uint8Array(count),
  users: new Int32Array(count),
  isCopy: new Uint8Array(count),
});

interface Tables {
  readonly countries: Alias;
  readonly platforms: Alias;
}
interface Drawn {
  readonly timeMs: Float64Array;
  readonly tenants: Uint8Array;
  readonly types: Uint8Array;
  readonly users: Int32Array;
}

function writeEvent(out: LineWriter, random: Random, tables: Tables, w: Drawn, i: number): void {
  out.text('{"event_id":"').uuid(random);
  out.text('","event_type":"').text(TYPES[w.types[i]!]!);
  out.text('","timestamp":"').time(w.timeMs[i]!);
  out.text('","tenant_id":"t').text(String(w.tenants[i]));
  out.text('","user_id":"u').text(String(w.users[i]));
  out.text('","session_id":"s').hex(random.u32(), 8).hex(random.u32(), 4);
  out.text('","properties":{"country":"').text(COUNTRIES[tables.countries.draw(random)]!);
  out.text('","platform":"').text(PLATFORMS[tables.platforms.draw(random)]!);
  out.text('","price":').text(String(99 + below(random, 50_000)));
  out.text(',"path":"/').text(SECTIONS[below(random, SECTIONS.length)]!);
  out.text("/p").digits(below(random, 1_000_000), 6).text('"}');
}

// Everything that outlives a kill: log, archive, checkpoints and views, in memory, watched and told. What
// a broken rule changes of a port lies between the stores and whoever uses them.
import {
  HandClock,
  MemoryCheckpointStore,
  MemoryEventLog,
  MemoryObjectStore,
  MemoryViewStore,
} from "@tandem/adapters/memory";
import { createDataset } from "@tandem/batch-layer";
import {
  type ArchiveCodec,
  type CheckpointStore,
  DAY_MS,
  DEFAULT_EVENT_LIMITS,
  decodeCut,
  type EpochMs,
  type EventLog,
  HOUR_MS,
  MINUTE_MS,
  makeRecord,
  type ObjectStore,
  RECORD_CUT,
  seededRandom,
  type ViewStore,
  validateEvent,
} from "@tandem/shared-logic";
import type { Actor } from "./actor.ts";
import type { Planted, Role, Rule } from "./broken-rule.ts";
import { changed, inTurn } from "./port-wrappers.ts";
import { FIRST_METRICS } from "./seam-metrics.ts";
import { DAYS, FIRST_DAY, isEvent, PARTITIONS, type Told, type ToldEvent } from "./told-log.ts";
import { fail } from "./violation.ts";
import { Watch } from "./watched-views.ts";

export const DATASET = "events";
export const TENANT = "t";
/** Minutes of the day that events lie at: sessions reach over midnight. */
const SLOTS = [10, 1430, 1430, 720];
const MAX_EVENTS = 24;
const encoder = new TextEncoder();
const RECEIVED_MS = (FIRST_DAY + 3) * DAY_MS;

export interface WorldOptions {
  /** A flush is one step, as in sqlite; else row by row. */
  readonly atomic: boolean;
  /** The filters reach a day only: most events are folded as unchecked. */
  readonly shortFilter: boolean;
  readonly codec: ArchiveCodec;
}

/** To a neighbour among the days, by which a copy with another clock is decided. */
const shiftOf = (body: Record<string, unknown>): number =>
  Math.floor(Number(body["timestamp"]) / DAY_MS) === DAYS.at(-1) ? -DAY_MS : DAY_MS;

/** What one actor sees. */
export interface ActorPorts {
  readonly log: EventLog;
  readonly objects: ObjectStore;
  readonly checkpoints: CheckpointStore;
  readonly views: ViewStore;
  readonly clock: HandClock;
}

export class World {
  readonly options: WorldOptions;
  readonly clock = new HandClock(RECEIVED_MS as EpochMs);
  readonly told: Told[][] = Array.from({ length: PARTITIONS }, () => []);
  readonly watch = new Watch(this.told);
  readonly log: EventLog;
  readonly objects: ObjectStore;
  readonly checkpoints = new MemoryCheckpointStore();
  readonly views: ViewStore;
  readonly planted: Planted;
  owners = 0;
  /** Whose turn it is. */
  current: Actor | undefined;
  private readonly memory: MemoryViewStore;
  private readonly bodies: Record<string, unknown>[][] = this.told.map(() => []);
  private produced = 0;

  constructor(options: WorldOptions, rule: Rule | undefined) {
    this.options = options;
    const log = new MemoryEventLog(this.clock);
    this.log = changed<EventLog>(log, {
      append: async (dataset, records) => {
        const results = await log.append(dataset, records);
        for (const { partition, value } of records) {
          if (value[2] === RECORD_CUT) this.told[partition]?.push({ seq: decodeCut(value).seq });
        }
        return results;
      },
    });
    this.memory = new MemoryViewStore({
      atomicFlush: options.atomic,
      step: async () => {
        await this.current?.pause();
      },
    });
    this.views = this.watch.views(this.memory);
    this.objects = this.runObjects(new MemoryObjectStore());
    this.planted = rule?.plant(this) ?? {};
  }

  async create(): Promise<void> {
    const settings = {
      ringIds: 64,
      generationIds: 1000,
      filterMs: (this.options.shortFilter ? 1 : 30) * DAY_MS,
    };
    const first = FIRST_METRICS.map((m) => m.fingerprint);
    await createDataset(this, DATASET, PARTITIONS, first, settings);
  }

  portsOf(role: Role, actor: Actor): ActorPorts {
    const { views, log, checkpoints } = this.planted;
    const seen = { role, pause: actor.pause };
    return {
      log: inTurn(log?.(this.log, seen) ?? this.log, actor),
      objects: inTurn(this.objects, actor),
      checkpoints: inTurn(checkpoints?.(this.checkpoints, seen) ?? this.checkpoints, actor),
      views: inTurn(views?.(this.views, seen) ?? this.views, actor),
      clock: this.clock,
    };
  }

  powerCut(r: number): void {
    this.planted.power?.(r);
    this.memory.powerCut(seededRandom(r));
  }

  /** An event arrives: one in six is a copy of an earlier one, perhaps decided to be of another day. */
  async produce(r: number): Promise<void> {
    if (this.produced >= MAX_EVENTS) return;
    const p = r & 1;
    const n = this.produced++;
    const bodies = this.bodies[p] ?? [];
    const original = (r >> 1) % 6 === 0 ? bodies[(r >> 4) % (bodies.length || 1)] : undefined;
    const receivedMs = RECEIVED_MS + n * MINUTE_MS;
    const day = DAYS[((r >> 11) % 5) % 3] ?? FIRST_DAY;
    const minute = SLOTS[(r >> 9) & 3] ?? 0;
    const body = original
      ? { ...original, ...(r & (1 << 14) ? { sent_at: receivedMs - shiftOf(original) } : {}) }
      : {
          event_id: `e${n}`,
          event_type: "seen",
          timestamp: day * DAY_MS + minute * MINUTE_MS + n * 1000,
          user_id: `user-${p * 2 + ((r >> 8) & 1)}`,
        };
    const event: Record<string, unknown> = { ...body, properties: { bit: 4 ** n } };
    const json = encoder.encode(JSON.stringify(event));
    const facts = validateEvent(json, 0, json.length, DEFAULT_EVENT_LIMITS);
    if (!("eventId" in facts)) throw new RangeError("the simulation made a bad event");
    const [sentMs, sentAtMs] = [facts.sentMs, facts.sentAtMs];
    const value = makeRecord(facts, encoder.encode(TENANT), receivedMs);
    await this.log.append(DATASET, [{ partition: p, key: new Uint8Array(0), value }]);
    if (!original) bodies.push(body);
    this.told[p]?.push(
      this.toldEvent(p, n, body, {
        sentMs,
        timeMs: sentMs + (sentAtMs === undefined ? 0 : receivedMs - sentAtMs),
        receivedMs,
      }),
    );
  }

  private toldEvent(
    p: number,
    n: number,
    body: Record<string, unknown>,
    at: { sentMs: number; timeMs: number; receivedMs: number },
  ): ToldEvent {
    const key = `${String(body["event_id"])}|${Math.floor(at.sentMs / DAY_MS)}`;
    const filterMs = (this.options.shortFilter ? 24 : 30 * 24) * HOUR_MS;
    return {
      n,
      user: String(body["user_id"]),
      timeMs: at.timeMs,
      key,
      first: !this.told[p]?.some((e) => isEvent(e) && e.key === key),
      unchecked: at.receivedMs - at.sentMs > filterMs,
    };
  }

  /** I6: one run id for a metric, day and V. The object of a run names them. */
  private runObjects(base: ObjectStore): ObjectStore {
    const ids = new Map<string, string>();
    return changed(base, {
      putIfAbsent: (key, bytes) => {
        if (key.startsWith("runs/")) {
          const { fingerprint, day, v } = JSON.parse(new TextDecoder().decode(bytes)) as Record<
            string,
            unknown
          >;
          const what = `${String(fingerprint)} day ${String(day)} V ${String(v)}`;
          if ((ids.get(what) ?? key) !== key) fail("I6", `two runs of ${what}`);
          ids.set(what, key);
        }
        return base.putIfAbsent(key, bytes);
      },
    });
  }
}

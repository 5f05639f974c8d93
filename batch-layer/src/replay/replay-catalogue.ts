// A side catalogue as it is kept: its head, one record for each rebuilt day, one for each compared day, and the ids of
// runs whose rows were begun. All of it is objects below `replays/`; no ledger row names any of it, so that no query,
// heal, check or retention sees it before a promote.
import {
  type EpochMs,
  type Fingerprint,
  formatDay,
  type LostRange,
  type ObjectStore,
  parseDay,
  type RolledGrain,
  type RunSum,
  type UtcDay,
} from "@tandem/shared-logic";
import type { Audit } from "../heal/audit.ts";

export type ReplaySource = "archive" | "topic";

/** What was asked for; a name stands for one request. */
export interface ReplayRequest {
  readonly source: ReplaySource;
  /** Half-open; absent: every published day. */
  readonly from?: UtcDay;
  readonly until?: UtcDay;
  readonly metrics: readonly Fingerprint[];
}

export interface ReplayHead {
  readonly name: string;
  readonly request: ReplayRequest;
  readonly by: string;
  readonly at: EpochMs;
}

/** Below the prefix: objects made of the topic, while runs are computed from them. */
export const TOPIC_FOLDER = "topic/";

/** The rows of one metric and day as they were computed again, at the offsets of the published run. */
export interface SideRun {
  readonly run: string;
  readonly v: readonly number[];
  readonly sum: RunSum;
  /** Keys of its partial states, inside the catalogue. */
  readonly partials: readonly string[];
  readonly grain?: RolledGrain;
  /** What the source did not have. */
  readonly lost?: readonly LostRange[];
}

export type SideRuns = Readonly<Record<Fingerprint, SideRun>>;

/** What a comparison bound: a promote flips only what still shows `against`. */
export interface BoundRun {
  readonly side: string;
  readonly against: string;
  /** Rows that differ; 0: identical. */
  readonly rows: number;
  readonly cells: number;
  readonly failed: readonly Audit[];
}

export type BoundRuns = Readonly<Record<Fingerprint, BoundRun>>;

const NAME = /^[a-z0-9][a-z0-9._=-]{0,63}$/;
export const isReplayName = (name: string): boolean => NAME.test(name) && !/^\.+$/.test(name);

const headsPrefix = (dataset: string): string => `replays/${dataset}/heads/`;
const encoder = new TextEncoder();
const bytesOf = (value: object): Uint8Array => encoder.encode(JSON.stringify(value));

export class ReplayCatalogue {
  readonly name: string;
  /** Everything but the head lies below it. */
  readonly prefix: string;
  private readonly objects: ObjectStore;
  private readonly headKey: string;

  constructor(objects: ObjectStore, dataset: string, name: string) {
    this.objects = objects;
    this.name = name;
    this.prefix = `replays/${dataset}/data/${name}/`;
    this.headKey = `${headsPrefix(dataset)}${name}.json`;
  }

  static async *heads(
    objects: Pick<ObjectStore, "list" | "get">,
    dataset: string,
  ): AsyncGenerator<ReplayHead> {
    for await (const { key } of objects.list(headsPrefix(dataset))) {
      const head = await read<ReplayHead>(objects, key);
      if (head) yield head;
    }
  }

  head(): Promise<ReplayHead | undefined> {
    return read(this.objects, this.headKey);
  }

  /** The head as it stands: this one, or that of whoever was first. */
  async begin(head: ReplayHead): Promise<ReplayHead> {
    const known = await this.head();
    if (known) return known;
    await this.objects.putIfAbsent(this.headKey, bytesOf(head)).catch(async (error: unknown) => {
      if (!(await this.head())) throw error;
    });
    return (await this.head()) ?? head;
  }

  async days(): Promise<Map<UtcDay, SideRuns>> {
    const days = new Map<UtcDay, SideRuns>();
    for await (const { key } of this.objects.list(`${this.prefix}days/`)) {
      const day = parseDay(key.slice(key.lastIndexOf("/") + 1, -".json".length));
      const runs = await read<SideRuns>(this.objects, key);
      if (day !== undefined && runs) days.set(day, runs);
    }
    return days;
  }

  putDay(day: UtcDay, runs: SideRuns): Promise<void> {
    return this.replace(`days/${formatDay(day)}.json`, runs);
  }

  bound(day: UtcDay): Promise<BoundRuns | undefined> {
    return read(this.objects, `${this.prefix}compared/${formatDay(day)}.json`);
  }

  bind(day: UtcDay, runs: BoundRuns): Promise<void> {
    return this.replace(`compared/${formatDay(day)}.json`, runs);
  }

  /** Before the first of a run's rows is written: a drop finds rows that no record names. */
  async beginRun(run: string): Promise<void> {
    await this.objects.putIfAbsent(`${this.prefix}begun/${run}.json`, bytesOf({}));
  }

  async begunRuns(): Promise<string[]> {
    const runs: string[] = [];
    for await (const { key } of this.objects.list(`${this.prefix}begun/`))
      runs.push(key.slice(key.lastIndexOf("/") + 1, -".json".length));
    return runs;
  }

  /** The head goes last: what was cut short is still listed. */
  async remove(): Promise<void> {
    await this.removeBelow("");
    await this.objects.remove(this.headKey);
  }

  async removeBelow(folder: string): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of this.objects.list(`${this.prefix}${folder}`)) keys.push(key);
    for (const key of keys) await this.objects.remove(key);
  }

  /** Cut short, there is none, and it is made again. */
  private async replace(name: string, value: object): Promise<void> {
    const [key, bytes] = [`${this.prefix}${name}`, bytesOf(value)];
    const known = await this.objects.get(key);
    if (known && Buffer.compare(known, bytes) === 0) return;
    if (known) await this.objects.remove(key);
    await this.objects.putIfAbsent(key, bytes);
  }
}

async function read<T>(objects: Pick<ObjectStore, "get">, key: string): Promise<T | undefined> {
  const bytes = await objects.get(key);
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as T);
}

// The connections to one Redis: one whose commands are bounded in time, for whoever asks from outside,
// and one that waits for Redis as long as it takes, for workers. Refuses a Redis that may evict jobs.

import { TandemError } from "@tandem/shared-logic";
import { Redis } from "ioredis";
import { type BullSettings, placeOf } from "./bull-options.ts";
import { isConnectionFailure, redisFailure, settingError, unavailable } from "./redis-failure.ts";

/** Between tries to connect, doubled from the first up to the longest. */
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;
/** A connection that gives no data for so long while some is due is made anew. */
const SILENT_MS = 30_000;
/** 6.2: BullMQ's scripts and block times. */
const OLDEST = 602;

export class RedisLink {
  /** For commands under `bounded`. */
  readonly client: Redis;
  /** For workers: commands wait until Redis is back. */
  readonly patient: Redis;
  readonly settings: BullSettings;
  private closed = false;

  private constructor(settings: BullSettings) {
    this.settings = settings;
    const common = clientOptions(settings);
    // A command is never kept for later than its caller waits.
    const bounded = { enableOfflineQueue: false, maxRetriesPerRequest: 0 };
    this.client = new Redis(settings.url, { ...common, ...bounded });
    // BullMQ duplicates it, and takes the first failure of a lazy connection for the last.
    const patient = { maxRetriesPerRequest: null, socketTimeout: SILENT_MS, lazyConnect: false };
    this.patient = new Redis(settings.url, { ...common, ...patient });
    for (const client of [this.client, this.patient]) client.on("error", settings.onProblem);
  }

  /** Options of BullMQ's producers. Its check of the version, once failed, would fail them for good. */
  get producer() {
    return { connection: this.client, prefix: this.settings.prefix, skipVersionCheck: true };
  }

  static async open(settings: BullSettings): Promise<RedisLink> {
    checkUrl(settings.url);
    const link = new RedisLink(settings);
    try {
      await link.connect();
      return link;
    } catch (error) {
      link.close();
      throw error;
    }
  }

  private async connect(): Promise<void> {
    const { url, commandMs } = this.settings;
    let last: unknown;
    let refuse = (_: TandemError): void => {};
    const refused = new Promise<never>((_, reject) => {
      refuse = reject;
    });
    refused.catch(() => {}); // perhaps nobody waits for it any more
    const note = (error: unknown): void => {
      last = error;
      const failure = redisFailure(error, "connecting", url);
      if (failure instanceof TandemError && !failure.retryable) refuse(failure);
    };
    this.client.on("error", note);
    try {
      this.client.connect().catch(note);
      const info = readiness(this.client).then(() => this.client.info());
      checkServer(url, await Promise.race([within(commandMs, info), refused]));
    } catch (error) {
      const failure = error instanceof TimeUp ? error : redisFailure(error, "connecting", url);
      if (failure instanceof TandemError && !failure.retryable) throw failure;
      const fix = "redis.url names no Redis that answers: correct it or start the server";
      const reason = last instanceof Error ? last.message : "no answer";
      throw unavailable("connecting", url, `${fix} (${reason})`);
    } finally {
      this.client.off("error", note);
    }
  }

  /** Rejects with `queue_unavailable` after `commandMs`; `work` may be begun again and must bear it. */
  async bounded<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { url, commandMs } = this.settings;
    const untilMs = performance.now() + commandMs;
    for (;;) {
      if (this.closed) throw new TandemError("cancelled");
      try {
        const left = Math.max(1, untilMs - performance.now());
        return await within(left, readiness(this.client).then(work));
      } catch (error) {
        if (this.closed) throw new TandemError("cancelled");
        if (error instanceof TimeUp) {
          // It may hang for good; whoever comes next gets a new connection.
          if (this.client.status === "ready") this.client.disconnect(true);
          throw unavailable(what, url, `no answer in ${commandMs} ms`);
        }
        if (!isConnectionFailure(error)) throw redisFailure(error, what, url);
        await new Promise((resolve) => setTimeout(resolve, FIRST_RETRY_MS));
      }
    }
  }

  close(): void {
    this.closed = true;
    this.client.disconnect();
    this.patient.disconnect();
  }
}

class TimeUp extends Error {}

/** The work goes on behind its caller's back after that, and its end is ignored. */
export async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimeUp(`not within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

function readiness(client: Redis): Promise<void> {
  if (client.status === "ready") return Promise.resolve();
  return new Promise((resolve) => {
    client.once("ready", () => resolve());
  });
}

const clientOptions = ({ username, password, commandMs }: BullSettings) => ({
  lazyConnect: true,
  connectTimeout: commandMs,
  keepAlive: 10_000,
  retryStrategy: (times: number) =>
    Math.min(FIRST_RETRY_MS * 2 ** Math.min(times, 10), LONGEST_RETRY_MS),
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
});

function checkUrl(url: string): void {
  const parsed = URL.parse(url);
  if (parsed === null || !/^rediss?:$/.test(parsed.protocol)) {
    throw settingError("redis.url", "It must be as redis://host:port.");
  }
}

function checkServer(url: string, info: string): void {
  const [, major, minor] = /redis_version:(\d+)\.(\d+)/.exec(info) ?? [];
  if (Number(major) * 100 + Number(minor) < OLDEST) {
    const fix = `is Redis ${major}.${minor}: job queues need 6.2 or newer.`;
    throw settingError("redis.url", `${placeOf(url)} ${fix}`);
  }
  const policy = /maxmemory_policy:(\S+)/.exec(info)?.[1] ?? "unknown";
  if (policy !== "noeviction") {
    const fix = `its maxmemory-policy is ${policy}, set it to noeviction.`;
    throw settingError("redis.url", `${placeOf(url)} may evict jobs: ${fix}`);
  }
}

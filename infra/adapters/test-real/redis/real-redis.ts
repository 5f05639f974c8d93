// The Redis that the environment names, a prefix of its own for each queue, and every key removed at the
// end. What is still open then is closed.
import { randomUUID } from "node:crypto";
import { after } from "node:test";
import { BullJobQueue } from "@tandem/adapters/redis";
import { Redis } from "ioredis";

type BullOptions = Parameters<typeof BullJobQueue.open>[0];

export function environment(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: where are the real servers?`);
  return value;
}

/** One unit of the cases' delays: long enough for a busy machine. */
export const UNIT_MS = 200;

export interface RealRedis {
  readonly client: Redis;
  /** Another prefix each time. */
  options(more?: Partial<BullOptions>): BullOptions;
  open(options: BullOptions): Promise<BullJobQueue>;
}

export function realRedis(url = environment("REDIS_URL")): RealRedis {
  const client = new Redis(url, { lazyConnect: true });
  client.on("error", () => {});
  const name = `tandem-test-${randomUUID().slice(0, 8)}`;
  const queues: BullJobQueue[] = [];
  let prefixes = 0;
  after(async () => {
    await Promise.all(queues.map((queue) => queue.close()));
    for await (const keys of client.scanStream({ match: `${name}*`, count: 1_000 })) {
      if (keys.length > 0) await client.unlink(keys);
    }
    client.disconnect();
  });
  return {
    client,
    options: (more = {}) => ({
      url,
      prefix: `${name}-${++prefixes}`,
      lockMs: 6 * UNIT_MS,
      pollMs: UNIT_MS / 2,
      drainMs: 2_000,
      ...more,
    }),
    async open(options) {
      const queue = await BullJobQueue.open(options);
      queues.push(queue);
      return queue;
    },
  };
}

export const pass = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

export async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const untilMs = performance.now() + 15_000;
  while (!(await holds())) {
    if (performance.now() > untilMs) throw new Error(`never: ${what}`);
    await pass(10);
  }
}

export async function errorOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("it should have failed");
}

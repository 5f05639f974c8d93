// What happens to the real stage. Each fault does its harm, lasts, and is repaired; `answers` says who may be
// away meanwhile. How long it lasts comes from the seed.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { below, type Random } from "@tandem/shared-logic";
import { emptyRedis } from "./empty-redis.ts";
import type { RealStage } from "./real-stage.ts";

export interface Fault {
  readonly name: string;
  /** Does the harm, lasts, and is over when it resolves. `share`: of its usual length. */
  readonly run: (stage: RealStage, random: Random, share: number) => Promise<void>;
  /** Whose connections may break meanwhile. */
  readonly away?: "collectors" | "serving";
  /** Queries are answered with what was known before. */
  readonly stale?: true;
  /** At its usual length it fills the spool, and collectors say 503. */
  readonly fillsSpool?: true;
  /** A batch run that is under way meanwhile may end with an error; one that starts after it may not. */
  readonly breaksBatch?: true;
}

const SECOND_MS = 1000;
/** Frozen servers and processes: longer than every time limit of their clients, and of the group. */
const FROZEN_MS = 30 * SECOND_MS;
const FROZEN_WORKER_MS = 15 * SECOND_MS;

const between = (random: Random, fromS: number, toS: number): Promise<void> =>
  pause(fromS * SECOND_MS + below(random, (toS - fromS) * SECOND_MS));

/** The process of this name, or one of those whose names begin so. */
function victim(stage: RealStage, kind: string, random: Random): string {
  const names = stage.planned.map((p) => p.name).filter((name) => name.startsWith(`${kind}-`));
  return names[below(random, names.length)] ?? kind;
}

const killProcess = (kind: string, away?: Fault["away"]): Fault => ({
  name: `kill-${kind}`,
  ...(away ? { away } : {}),
  async run(stage, random) {
    for (let i = 0; i < 2; i++) {
      const name = victim(stage, kind, random);
      await stage.signal(name, "SIGKILL");
      await between(random, 1, 5);
      await stage.start(name);
      await between(random, 1, 3);
    }
  },
});

type Harm = Pick<Fault, "stale" | "breaksBatch" | "fillsSpool">;

const killServer = (name: string, harm: Harm): Fault => ({
  name: `kill-${name}`,
  ...harm,
  async run({ servers }, random, share) {
    await servers.kill(name);
    await between(random, 8 * share, 16 * share);
    await servers.start(name);
  },
});

const freezeServer = (name: string, harm: Harm): Fault => ({
  name: `freeze-${name}`,
  ...harm,
  async run({ servers }, _random, share) {
    await servers.freeze(name);
    try {
      await pause(FROZEN_MS * share);
    } finally {
      await servers.thaw(name);
    }
  },
});

const BREAKS = { breaksBatch: true } as const;

export const FAULTS: readonly Fault[] = [
  killProcess("collect", "collectors"),
  killProcess("speed"),
  killProcess("archive"),
  killProcess("batch"),
  killProcess("serve", "serving"),
  killServer("kafka", BREAKS),
  killServer("cassandra", { stale: true, ...BREAKS }),
  killServer("redis", {}),
  killServer("s3", BREAKS),
  freezeServer("kafka", { fillsSpool: true, ...BREAKS }),
  freezeServer("cassandra", { stale: true, ...BREAKS }),
  {
    // What a killed collector acknowledged lies in its spool alone, and it comes back without Kafka.
    name: "kill-spooling",
    away: "collectors",
    ...BREAKS,
    async run(stage, random) {
      const name = victim(stage, "collect", random);
      await stage.servers.kill("kafka");
      try {
        await between(random, 2, 5);
        await stage.signal(name, "SIGKILL");
        await between(random, 0, 1);
        await stage.start(name);
        await between(random, 1, 3);
      } finally {
        await stage.servers.start("kafka");
      }
    },
  },
  {
    name: "flush-redis",
    async run({ servers }, random) {
      for (let i = 0; i < 3; i++) {
        await emptyRedis(servers.env["REDIS_URL"] ?? "");
        await between(random, 1, 6);
      }
    },
  },
  {
    name: "empty-redis",
    async run({ servers }, random) {
      await servers.kill("redis");
      await rm(join(servers.data, "redis"), { recursive: true });
      await between(random, 1, 6);
      await servers.start("redis");
      await between(random, 1, 6);
    },
  },
  {
    name: "freeze-speed",
    async run(stage, random) {
      const name = victim(stage, "speed", random);
      await stage.signal(name, "SIGSTOP");
      await pause(FROZEN_WORKER_MS);
      await stage.signal(name, "SIGCONT");
      await between(random, 2, 5);
    },
  },
  {
    name: "rebalance",
    async run(stage, random, share) {
      const until = performance.now() + 60 * SECOND_MS * share;
      while (performance.now() < until) {
        const began = performance.now();
        const name = victim(stage, "speed", random);
        if (!(await stage.isUp(name))) await stage.start(name);
        else await stage.signal(name, "SIGTERM");
        await pause(Math.max(0, 5 * SECOND_MS - (performance.now() - began)));
      }
      await stage.start();
    },
  },
];

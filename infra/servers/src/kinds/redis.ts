// Redis: the one on PATH, else Debian's package in the cache. Evicts nothing (a job queue that loses keys is
// broken) and logs every write to a file, so that its data survives a killed process.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ServersFailure } from "../failure.ts";
import { debianPackage, librariesOf } from "../fetch/debian.ts";
import type { ServerKind } from "../server.ts";
import { PREFIX } from "../settings.ts";
import { redisReady } from "../wire/redis-ready.ts";

const HOW = "install Redis 6.2 or newer, so that redis-server is on PATH, then try again";

/** Whether there is a redis-server on PATH; throws for one that is too old for job queues. */
function onPath(): boolean {
  const found = spawnSync("redis-server", ["--version"], { encoding: "utf8" });
  if (found.error !== undefined) return false;
  const version = / v=(\d+)\.(\d+)\./.exec(found.stdout);
  const number = Number(version?.[1] ?? 0) * 100 + Number(version?.[2] ?? 0);
  if (number >= 602) return true;
  throw new ServersFailure(`redis-server on PATH is too old (${found.stdout.trim()}): ${HOW}`);
}

export const redis: ServerKind = ({ settings, folders, plan }) => {
  const name = "redis";
  const { redis: port = 0 } = plan.ports;
  const fetched = debianPackage(settings.cache, "redis-server", HOW);
  return [
    {
      name,
      ports: [{ key: name, port, setting: `${PREFIX}REDIS_PORT` }],
      async fetch(progress) {
        if (!onPath()) await fetched.fetch(progress);
      },
      async start() {
        const dir = join(folders.data, name);
        mkdirSync(dir, { recursive: true });
        const listen = ["--bind", "127.0.0.1", "--port", String(port), "--dir", dir];
        const keep = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"];
        const args = [...listen, ...keep];
        if (onPath()) return { command: "redis-server", args };
        const command = join(fetched.folder, "usr", "bin", "redis-server");
        return { command, args, env: { LD_LIBRARY_PATH: librariesOf(fetched.folder) } };
      },
      ready: () => redisReady(port),
    },
  ];
};

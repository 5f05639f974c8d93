// A redis-server of one test's own: it can be emptied, killed and configured without disturbing others.
// Its port is free when it starts; nothing is written to disk.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Redis } from "ioredis";
import { environment } from "./real-redis.ts";

/** The program that the environment's Redis runs, and its libraries where it was unpacked beside them. */
async function program(): Promise<readonly [string, NodeJS.ProcessEnv]> {
  const client = new Redis(environment("REDIS_URL"));
  const path = /^executable:(.+?)\r?$/m.exec(await client.info("server"))?.[1] ?? "redis-server";
  client.disconnect();
  const lib = join(dirname(path), "../lib");
  const folders = path.startsWith("/usr/") || !existsSync(lib) ? [] : readdirSync(lib);
  const libraries = folders.filter((f) => f.endsWith("-linux-gnu")).map((f) => join(lib, f));
  return [path, { ...process.env, LD_LIBRARY_PATH: libraries.join(":") }];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export class OwnRedis {
  readonly url: string;
  private readonly port: number;
  private readonly settings: readonly string[];
  private server: ChildProcess | undefined;

  private constructor(port: number, settings: readonly string[]) {
    this.port = port;
    this.settings = settings;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async start(...settings: readonly string[]): Promise<OwnRedis> {
    const redis = new OwnRedis(await freePort(), settings);
    await redis.start();
    return redis;
  }

  async start(): Promise<void> {
    const options = [
      "--port",
      `${this.port}`,
      "--bind",
      "127.0.0.1",
      "--save",
      "",
      "--dir",
      tmpdir(),
    ];
    const [path, env] = await program();
    this.server = spawn(path, [...options, ...this.settings], { env, stdio: "ignore" });
    this.server.unref();
    const client = new Redis(this.url, { retryStrategy: () => 20, maxRetriesPerRequest: 500 });
    client.on("error", () => {});
    await client.ping().catch((error: Error) => {
      if (!/NOAUTH/.test(error.message)) throw error;
    });
    client.disconnect();
  }

  /** At once, as a crash; everything in it is gone. */
  async kill(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    const exited = once(server, "exit");
    server.kill("SIGKILL");
    await exited;
  }

  signal(name: "SIGSTOP" | "SIGCONT"): void {
    this.server?.kill(name);
  }
}

// Wrong settings: one clear error that names the setting and the fix, and no secret in it.
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { after, test } from "node:test";
import { inspect } from "node:util";
import { TandemError } from "@tandem/shared-logic";
import { OwnRedis } from "./own-redis.ts";
import { errorOf, realRedis } from "./real-redis.ts";

const redis = realRedis();
const WRONG = "wrong-and-never-to-be-shown";

async function refused(
  options: Parameters<typeof redis.options>[0],
  code: string,
  message: RegExp,
): Promise<void> {
  const error = await errorOf(redis.open(redis.options({ commandMs: 1_000, ...options })));
  assert.ok(error instanceof TandemError && error.code === code, inspect(error));
  assert.match(error.message, message);
  assert.ok(!error.message.includes("\n"));
  assert.ok(!inspect(error, { depth: 20, showHidden: true }).includes(WRONG));
}

test("a Redis that may evict jobs is refused", async () => {
  const evicting = await OwnRedis.start("--maxmemory-policy", "allkeys-lru");
  after(() => evicting.kill());
  await refused(
    { url: evicting.url },
    "configuration",
    /^redis\.url: .* maxmemory-policy is allkeys-lru, set it to noeviction/,
  );
});

test("a password that is missing or wrong is named", async () => {
  const locked = await OwnRedis.start("--requirepass", "right-password");
  after(() => locked.kill());
  const named = /^redis\.password: /;
  await refused({ url: locked.url }, "configuration", named);
  await refused({ url: locked.url, password: WRONG }, "configuration", named);
  await refused({ url: locked.url.replace("//", `//:${WRONG}@`) }, "configuration", named);
  const queue = await redis.open(redis.options({ url: locked.url, password: "right-password" }));
  assert.equal(await queue.add({ queue: "q", key: "k", data: null }), "added");
  await queue.close();
});

test("an address that cannot be one, of nobody or without an answer is named", async () => {
  await refused({ url: "127.0.0.1:6379" }, "configuration", /^redis\.url: It must be/);
  await refused(
    { url: "redis://no.such.host.invalid:1" },
    "configuration",
    /^redis\.url: The host/,
  );
  await refused({ url: "redis://127.0.0.1:1" }, "queue_unavailable", /redis\.url .*ECONNREFUSED/);
});

const strangers: Readonly<
  Record<string, readonly [() => Server | ReturnType<typeof createTcpServer>, string]>
> = {
  "a web site": [() => createServer((_, r) => r.end("hello")), "configuration"],
  "a server that never answers": [() => createTcpServer(() => {}), "queue_unavailable"],
};
for (const [name, [make, code]] of Object.entries(strangers)) {
  test(`redis.url is named for ${name}`, async () => {
    const server = make();
    const open = new Set<Socket>();
    server.on("connection", (socket: Socket) => void open.add(socket.on("error", () => {})));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    await refused({ url: `redis://127.0.0.1:${port}` }, code, /redis\.url/);
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
}

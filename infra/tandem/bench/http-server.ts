// One HTTP server in a process of its own: argv[2] names it, argv[3] is a folder. Each reads a body of
// events and answers 202. Tells its address and a key, and on any message the CPU time it used so far.
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { keyMaking, systemClock } from "@tandem/adapters/embedded";
import { createKey, ledgerKeyStore } from "@tandem/shared-logic";
import fastify from "fastify";
import { startTandem } from "../src/start-tandem.ts";

const BODY_BYTES = 1 << 20;

async function bare(): Promise<string> {
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => {
      const body = Buffer.concat(chunks);
      const answer = `{"bytes":${body.length}}`;
      // With its length, or node:http sends it in chunks, which costs more.
      const headers = { "content-type": "application/json", "content-length": answer.length };
      res.writeHead(202, headers).end(answer);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function withFastify(): Promise<string> {
  const app = fastify({ bodyLimit: BODY_BYTES });
  app.post("/events", (request, reply) => {
    reply.code(202).send({ accepted: (request.body as unknown[]).length });
  });
  return app.listen({ host: "127.0.0.1", port: 0 });
}

interface Express {
  (): { use(handler: unknown): void; post(path: string, handler: unknown): void } & Parameters<
    typeof createServer
  >[1];
  json(options: { limit: number }): unknown;
}

/** The Express that serving has; this package has none of its own. */
async function withExpress(): Promise<string> {
  const require = createRequire(fileURLToPath(import.meta.resolve("@tandem/serving")));
  const name = "express";
  const express = require(name) as Express;
  const app = express();
  app.use(express.json({ limit: BODY_BYTES }));
  app.post(
    "/events",
    (req: { body: unknown[] }, res: { status(n: number): { json(x: object): void } }) =>
      res.status(202).json({ accepted: req.body.length }),
  );
  const server = createServer(app as Parameters<typeof createServer>[1]);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function collector(folder: string): Promise<{ url: string; key: string }> {
  const { tandem, url } = await startTandem({
    host: "127.0.0.1",
    port: 0,
    parts: ["collect"],
    dataDir: folder,
    metricFolders: [],
    clock: systemClock(),
    onError: (error) => process.stderr.write(`${String(error)}\n`),
    onFatal: () => process.exit(1),
  });
  const wanted = { tenant: "bench", scopes: ["write"] as const };
  const keys = ledgerKeyStore(tandem.ports.views);
  const { presented } = await createKey(keys, keyMaking, wanted, systemClock().now());
  return { url: url ?? "", key: presented };
}

const [, , name = "", folder = ""] = process.argv;
const SERVERS: Readonly<Record<string, () => Promise<{ url: string; key: string }>>> = {
  bare: async () => ({ url: await bare(), key: "" }),
  fastify: async () => ({ url: await withFastify(), key: "" }),
  express: async () => ({ url: await withExpress(), key: "" }),
  tandem: () => collector(folder),
};
const started = await SERVERS[name]?.();
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1e6);
});
process.on("disconnect", () => process.exit(0));
process.send?.(started);

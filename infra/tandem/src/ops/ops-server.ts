// The operations port of the process that owns a data directory: other `tandem` commands are run here on
// their behalf, and their words go back as they come. Bound to 127.0.0.1, and asks for the directory's token.
import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Io } from "../commands/io.ts";

/** One piece of a command's output; the last one carries the exit code. */
export type OpsLine =
  | { readonly out: string }
  | { readonly err: string }
  | { readonly exit: number };

export interface OpsServerOptions {
  readonly token: string;
  readonly port?: number;
  /** Runs a command line and resolves to its exit code. */
  readonly run: (argv: readonly string[], io: Io) => Promise<number>;
  /** Prometheus text. */
  readonly metrics?: () => Promise<string>;
}

export async function opsServer(
  options: OpsServerOptions,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server: Server = createServer((req, res) => {
    answer(options, req, res).catch(() => res.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  options: OpsServerOptions,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  if (req.method === "GET" && req.url === "/metrics" && options.metrics) {
    res
      .writeHead(200, { "content-type": "text/plain; version=0.0.4" })
      .end(await options.metrics());
    return;
  }
  if (!authorized(req.headers.authorization, options.token)) {
    res.writeHead(401).end();
    return;
  }
  if (req.method !== "POST" || req.url !== "/command") {
    res.writeHead(404).end();
    return;
  }
  const { argv, cwd } = JSON.parse(String(req.headers["x-tandem-command"])) as {
    argv: string[];
    cwd: string;
  };
  res.writeHead(200, { "content-type": "application/x-ndjson" });
  const say = (line: OpsLine): void => void res.write(`${JSON.stringify(line)}\n`);
  const io: Io = { out: (out) => say({ out }), err: (err) => say({ err }), stdin: req, cwd };
  say({ exit: await options.run(argv, io) });
  res.end();
}

function authorized(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? "");
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

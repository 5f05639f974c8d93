// A node:http server around handlers that say whether a request is theirs. Slow headers and bodies are
// cut off by the server itself (408); idle connections outlive the usual 60 s of a load balancer.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { refusalBody } from "./refusal.ts";

/** True where the handler takes the request; it then answers it. */
export type Handle = (req: IncomingMessage, res: ServerResponse) => boolean;

export interface ListenOptions {
  readonly host?: string;
  /** 0, the default, picks a free one. */
  readonly port?: number;
  /** Headers and body together; default 30 s. */
  readonly requestTimeoutMs?: number;
  readonly headersTimeoutMs?: number;
  readonly keepAliveMs?: number;
  /** How often the two timeouts are looked at; default 1 s. */
  readonly checkEveryMs?: number;
  /** Told of the server before it listens: it may read some requests itself. */
  readonly before?: (server: Server, checkEveryMs: number) => void;
}

export interface Listening {
  readonly port: number;
  readonly url: string;
  /** Takes no new connections, lets running requests end, cuts what is left after `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

const SWEEP_MS = 50;

export function listen(handle: Handle, options: ListenOptions = {}): Promise<Listening> {
  const { host = "127.0.0.1", port = 0, requestTimeoutMs = 30_000 } = options;
  const { headersTimeoutMs = 10_000, keepAliveMs = 65_000, checkEveryMs = 1000 } = options;
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: checkEveryMs,
    },
    (req, res) => {
      if (handle(req, res)) return;
      const body = refusalBody("not_found");
      res.writeHead(404, { "content-type": "application/json", "content-length": body.length });
      res.end(body);
    },
  );
  options.before?.(server, checkEveryMs);
  const close = (graceMs = 10_000): Promise<void> =>
    new Promise((resolve) => {
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      // A connection that was busy when closing began becomes idle later, and would stay.
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
      server.close(() => {
        clearTimeout(cut);
        clearInterval(sweep);
        resolve();
      });
    });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      const bound = (server.address() as AddressInfo).port;
      const shown = host.includes(":") ? `[${host}]` : host;
      resolve({ port: bound, url: `http://${shown}:${bound}`, close });
    });
  });
}

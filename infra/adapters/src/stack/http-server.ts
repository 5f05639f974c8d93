// A node:http server around a handler, on the host and port of a section of the configuration. Closing
// takes no new connections, lets running requests end, and cuts what is left after a while.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { portError } from "./port-error.ts";

export interface HttpPlace {
  /** Section of the configuration that host and port come from. */
  readonly section: string;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Told of the server before it listens: it may read some requests itself. */
  readonly before?: ((server: Server) => void) | undefined;
}

export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Idle connections outlive the usual 60 s of a load balancer; slow headers and bodies are cut off. */
const TIMES = {
  keepAliveTimeout: 65_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1000,
};
const GRACE_MS = 2000;
const SWEEP_MS = 50;

export async function httpServer(handle: RequestListener, place: HttpPlace): Promise<HttpServer> {
  const { section, host, port } = place;
  const server = createServer(TIMES, handle);
  place.before?.(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(portError(section, host, port, error)));
    server.listen(port, host, resolve);
  });
  const shown = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${shown}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
        // A connection that was busy when closing began becomes idle later, and would stay.
        const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
        server.close(() => {
          clearTimeout(cut);
          clearInterval(sweep);
          resolve();
        });
      }),
  };
}

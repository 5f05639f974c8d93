// The operations port of a process: GET /metrics (Prometheus text), /healthz (the process runs) and
// /readyz (it does its work), apart from the product's port. Nothing here needs a key, so it listens on
// 127.0.0.1 unless the configuration says otherwise; what else is served here asks for its own proof.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { portError } from "./port-error.ts";

export interface OperationsOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** Why not ready; undefined where it is. */
  readonly unready: () => Promise<string | undefined>;
  /** Further requests: true where it is answered there. */
  readonly also?: (req: IncomingMessage, res: ServerResponse) => boolean;
}

export interface OperationsServer {
  readonly port: number;
  close(): Promise<void>;
}

const json = (res: ServerResponse, status: number, body: object): void =>
  void res
    .writeHead(status, { "content-type": "application/json" })
    .end(`${JSON.stringify(body)}\n`);

export async function operationsServer(o: OperationsOptions): Promise<OperationsServer> {
  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    if (o.also?.(req, res)) return;
    const path = req.method === "GET" ? req.url?.split("?")[0] : undefined;
    if (path === "/metrics") {
      const text = await o.metrics.text();
      res.writeHead(200, { "content-type": o.metrics.contentType }).end(text);
    } else if (path === "/healthz") json(res, 200, { status: "ok" });
    else if (path === "/readyz") {
      const why = await o.unready();
      json(
        res,
        why === undefined ? 200 : 503,
        why === undefined ? { status: "ok" } : { status: why },
      );
    } else json(res, 404, { error: { code: "not_found", message: "no such route" } });
  }
  const server = createServer((req, res) => {
    answer(req, res).catch(() => res.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(portError("operations", o.host, o.port, error)));
    server.listen(o.port, o.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

// A TCP proxy in front of Redis: it can be cut (connections reset, new ones refused), frozen (bytes stay
// where they are) and mended again.

import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

export class TcpProxy {
  readonly url: string;
  private readonly server: Server;
  private readonly sockets: Set<Socket>;
  private readonly state: { cut: boolean };

  private constructor(server: Server, sockets: Set<Socket>, state: { cut: boolean }) {
    this.server = server;
    this.sockets = sockets;
    this.state = state;
    this.url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async to(url: string): Promise<TcpProxy> {
    const { hostname, port } = new URL(url);
    const sockets = new Set<Socket>();
    const state = { cut: false };
    const server = createServer((near) => {
      if (state.cut) {
        near.on("error", () => {}).resetAndDestroy();
        return;
      }
      const far = connect(Number(port), hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(one);
        one.on("error", () => {});
        one.on("close", () => {
          sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    server.unref();
    return new TcpProxy(server, sockets, state);
  }

  cut(): void {
    this.state.cut = true;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  freeze(): void {
    for (const socket of this.sockets) socket.pause();
  }

  mend(): void {
    this.state.cut = false;
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

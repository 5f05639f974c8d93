// A TCP proxy in front of a server that others use too: it can hold what is sent either way, as a frozen
// server does (connections are still taken), lose it, or be gone altogether, and come back.
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class HeldProxy {
  private readonly host: string;
  private readonly port: number;
  private server: Server;
  private listening = 0;
  private readonly sockets = new Set<Socket>();
  private readonly stranded = new WeakSet<Socket>();
  private holding: ReadonlySet<Way> = new Set();
  private held: (() => void)[] = [];
  /** Called with each chunk from a client before it is passed on; false: it is lost. */
  onRequest: (chunk: Buffer) => boolean = () => true;

  private constructor(host: string, port: number) {
    this.host = host;
    this.port = port;
    this.server = this.makeServer();
  }

  static async open(target: string): Promise<HeldProxy> {
    const [host = "127.0.0.1", port = "9042"] = target.split(":");
    const proxy = new HeldProxy(host, Number(port));
    await proxy.listen();
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${this.listening}`;
  }

  private makeServer(): Server {
    return createServer((client) => {
      const server = connect(this.port, this.host);
      this.pipe(client, server, "request");
      this.pipe(server, client, "answer");
    });
  }

  private pipe(from: Socket, to: Socket, way: Way): void {
    this.sockets.add(from);
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.sockets.delete(from);
      to.destroy();
    });
    from.on("data", (chunk: Buffer) => {
      if (this.stranded.has(from)) return;
      if (way === "request" && !this.onRequest(chunk)) return;
      const pass = (): void => {
        if (!to.destroyed) to.write(chunk);
      };
      if (this.holding.has(way)) this.held.push(pass);
      else pass();
    });
  }

  private async listen(): Promise<void> {
    this.server.listen(this.listening, "127.0.0.1");
    await once(this.server, "listening");
    this.listening = (this.server.address() as AddressInfo).port;
  }

  /** Nothing goes these ways until `release`; new connections are taken all the same. */
  hold(...ways: Way[]): void {
    this.holding = new Set(ways);
  }
  /** What was held goes on, in its order. */
  release(): void {
    this.holding = new Set();
    const held = this.held;
    this.held = [];
    for (const pass of held) pass();
  }

  /** Connections that are open lead nowhere from now on, and stay open; new ones work. */
  strand(): void {
    for (const socket of this.sockets) this.stranded.add(socket);
  }

  /** Connections are reset and none is taken. */
  async stop(): Promise<void> {
    const closed = once(this.server, "close");
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
  /** At the same address. */
  async restart(): Promise<void> {
    this.server = this.makeServer();
    await this.listen();
  }
}

type Way = "request" | "answer";

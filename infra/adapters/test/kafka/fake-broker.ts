// A broker of one topic that answers produce requests, and those of groups' offsets, as a test wants: with any error, by hanging up or
// not at all. Speaks just enough of the protocol, on a free port of 127.0.0.1.
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { BATCH } from "../../src/kafka/batch/layout.ts";
import { int64At, WireReader } from "../../src/kafka/wire/wire-reader.ts";
import { WireWriter } from "../../src/kafka/wire/wire-writer.ts";
import { FakeCoordinator } from "./fake-coordinator.ts";

/** What a produce request brought for one partition. */
export interface Sent {
  readonly partition: number;
  readonly producerId: number;
  readonly sequence: number;
  readonly count: number;
}

/** An error code, 0 to take the batch; or what else a broker may do. */
export type Reply = number | "hang up" | "silence" | "garbage";

const API = {
  produce: 0,
  metadata: 3,
  commitOffsets: 8,
  fetchOffsets: 9,
  findCoordinator: 10,
  saslHandshake: 17,
  versions: 18,
  initProducer: 22,
  saslAuthenticate: 36,
} as const;
const VERSIONS = [
  [API.produce, 3, 7],
  [API.metadata, 0, 5],
  [API.commitOffsets, 2, 2],
  [API.fetchOffsets, 1, 1],
  [API.findCoordinator, 0, 0],
  [API.saslHandshake, 0, 1],
  [API.versions, 0, 2],
  [API.initProducer, 0, 1],
  [API.saslAuthenticate, 0, 0],
] as const;

/** Error codes of the two steps of a login by PLAIN. */
export interface LoginReply {
  readonly handshake: number;
  readonly authenticate: number;
}

export class FakeBroker {
  readonly sent: Sent[] = [];
  metadataRequests = 0;
  port = 0;
  private readonly reply: (sent: Sent) => Reply | Promise<Reply>;
  private readonly login: LoginReply;
  private readonly coordinator: FakeCoordinator;
  private readonly server = createServer((socket) => this.serve(socket));
  private readonly sockets = new Set<Socket>();
  private readonly ends: number[] = [];
  private producers = 0;

  constructor(
    reply: (sent: Sent) => Reply | Promise<Reply>,
    login: LoginReply = { handshake: 0, authenticate: 0 },
    coordinator = new FakeCoordinator(() => 0),
  ) {
    this.reply = reply;
    this.login = login;
    this.coordinator = coordinator;
  }

  async start(): Promise<readonly string[]> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    const address = this.server.address();
    this.port = typeof address === "object" && address !== null ? address.port : 0;
    return [`127.0.0.1:${this.port}`];
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("error", () => undefined);
    let bytes: Buffer = Buffer.alloc(0);
    let turn: Promise<unknown> = Promise.resolve();
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readInt32BE(0)) {
        const request = bytes.subarray(4, 4 + bytes.readInt32BE(0));
        bytes = bytes.subarray(4 + request.length);
        turn = turn.then(() => this.answer(socket, new WireReader(request)));
      }
    });
  }

  private async answer(socket: Socket, request: WireReader): Promise<void> {
    const api = request.int16();
    request.int16();
    const correlation = request.int32();
    request.text();
    const body = new WireWriter(4096);
    if (api === API.versions) this.versions(body);
    else if (api === API.metadata) this.metadata(body);
    else if (api === API.saslHandshake) body.int16(this.login.handshake).int32(1).text("PLAIN");
    else if (api === API.saslAuthenticate) body.int16(this.login.authenticate).text(null).int32(0);
    else if (api === API.findCoordinator) this.coordinator.find(this.port, body);
    else if (api === API.fetchOffsets) this.coordinator.fetch(request, body);
    else if (api === API.commitOffsets) this.coordinator.commit(request, body);
    else if (api === API.initProducer)
      body
        .int32(0)
        .int16(0)
        .int64(++this.producers)
        .int16(0);
    else if (!(await this.produce(socket, request, body))) return;
    const head = new WireWriter(8).int32(4 + body.offset).int32(correlation);
    socket.write(Buffer.concat([head.buffer, body.buffer]));
  }

  private versions(body: WireWriter): void {
    body.int16(0).int32(VERSIONS.length);
    for (const version of VERSIONS) for (const number of version) body.int16(number);
    body.int32(0);
  }

  private metadata(body: WireWriter): void {
    this.metadataRequests++;
    body
      .int32(0)
      .int32(1)
      .int32(1)
      .text("127.0.0.1")
      .int32(this.port)
      .text(null)
      .text(null)
      .int32(1);
    body.int32(1).int16(0).text("events").int8(0).int32(2);
    for (const partition of [0, 1]) {
      body.int16(0).int32(partition).int32(1);
      for (let k = 0; k < 3; k++) body.int32(0);
    }
  }

  /** False where there is no answer. */
  private async produce(socket: Socket, request: WireReader, body: WireWriter): Promise<boolean> {
    request.text();
    request.skip(6);
    const batches = request
      .list((topic) => {
        topic.text();
        return topic.list((p) => ({ partition: p.int32(), bytes: p.span() }));
      })
      .flat();
    body.int32(1).text("events").int32(batches.length);
    for (const { partition, bytes } of batches) {
      const sent: Sent = {
        partition,
        producerId: int64At(bytes, BATCH.producerId),
        sequence: bytes.readInt32BE(BATCH.baseSequence),
        count: bytes.readInt32BE(BATCH.count),
      };
      this.sent.push(sent);
      const reply = await this.reply(sent);
      if (reply === "silence") return false;
      if (reply === "hang up") {
        socket.destroy();
        return false;
      }
      if (reply === "garbage") {
        body.int32(0x7fffffff);
        return true;
      }
      const end = this.ends[partition] ?? 0;
      body
        .int32(partition)
        .int16(reply)
        .int64(reply === 0 ? end : -1)
        .int64(-1)
        .int64(0);
      if (reply === 0) this.ends[partition] = end + sent.count;
    }
    body.int32(0);
    return true;
  }
}

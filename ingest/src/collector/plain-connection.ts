// One connection that plain requests are read from (plain-head.ts), answered one after the other. At the first byte that
// belongs to none it goes, with all that was not answered, to whoever reads the others, and does not come back.
import type { Socket } from "node:net";
import { HeadMemory } from "./head-memory.ts";
import { type PlainHead, readPlainHead } from "./plain-head.ts";
import { type Reply, replyText } from "./reply.ts";

/** Who answers plain requests. */
export interface PlainDesk {
  /** Of a body; larger ones are not plain. */
  readonly bodyBytes: number;
  /** A request has come. */
  begin(): void;
  /** So much more is held while a body is not whole; false, and nothing held, where that is too much. */
  hold(sizeBytes: number): boolean;
  /** A request that has begun gets no answer: its client went away, or somebody else reads it anew. */
  leave(why: "aborted" | "handed over", heldBytes: number): void;
  /** Gives back what was held for the request. Never rejects; `settle` ends it. */
  answer(head: PlainHead, body: Buffer, heldBytes: number): Promise<Reply>;
  /** The answer is on its way, or nobody is there to read it. */
  settle(): void;
}

/** Where the connection belongs. */
export interface PlainHost {
  /** Answers say how long a connection then waits for the next request. */
  readonly keepAliveMs: number;
  /** No more requests are taken. */
  readonly closing: boolean;
  /** Nothing of the connection is read here any more. */
  gone(connection: PlainConnection): void;
  /** As `gone`, and somebody else is to read it: `unread` first, then the socket. */
  handOver(connection: PlainConnection, socket: Socket, unread: Buffer | undefined): void;
}

/** A body in more pieces than these is not plain: each costs as much again as those before it. */
const MOST_PIECES = 16;

/** Of half a request, as of node:http. */
const CUT_SHORT = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

export class PlainConnection {
  /** How often it was looked at since something came or was answered. */
  quietSweeps = 0;
  answered = false;
  private readonly socket: Socket;
  private readonly desk: PlainDesk;
  private readonly host: PlainHost;
  private answering = false;
  /** The client says no more. */
  private ended = false;
  /** Read, and not of the request that is answered now. */
  private unread: Buffer | undefined;
  /** A request that has begun and whose body is not whole. */
  private head: PlainHead | undefined;
  private readonly lastHead = new HeadMemory();
  private pieces = 0;
  private heldBytes = 0;

  constructor(socket: Socket, desk: PlainDesk, host: PlainHost) {
    this.socket = socket;
    this.desk = desk;
    this.host = host;
    socket.on("data", this.onData).on("end", this.onEnd);
    socket.on("error", ignore).on("close", this.onClose);
  }

  get state(): "idle" | "half read" | "answering" {
    if (this.answering) return "answering";
    return this.head === undefined ? "idle" : "half read";
  }

  /** Closes it once everything that was answered is sent. */
  end(): void {
    this.socket.destroySoon();
  }

  destroy(): void {
    this.socket.destroy();
  }

  /** Gives the connection away; not while a request is answered. */
  handOver(): void {
    const { socket, unread } = this;
    this.leave("handed over");
    this.unread = undefined;
    // Nothing can be put before the end once it was read.
    if (this.ended) {
      this.end();
      return;
    }
    socket.off("data", this.onData).off("end", this.onEnd);
    socket.off("error", ignore).off("close", this.onClose);
    this.host.handOver(this, socket, unread);
  }

  private readonly onData = (chunk: Buffer): void => {
    this.quietSweeps = 0;
    this.unread = this.unread === undefined ? chunk : Buffer.concat([this.unread, chunk]);
    // Nothing is read ahead of the answers but what came with them.
    if (this.answering) this.socket.pause();
    else this.step();
  };

  private readonly onEnd = (): void => {
    this.ended = true;
    if (this.answering) return;
    if (this.head !== undefined) this.socket.write(CUT_SHORT);
    this.leave("aborted");
    this.end();
  };

  private readonly onClose = (): void => {
    this.leave("aborted");
    this.host.gone(this);
  };

  /** Begins a request, or takes more of one. */
  private step(): void {
    const { unread, desk } = this;
    if (unread === undefined) return;
    let { head } = this;
    if (head === undefined) {
      head = this.readHead(unread);
      if (head === undefined || head.bodyBytes > desk.bodyBytes) {
        this.handOver();
        return;
      }
      desk.begin();
    }
    const end = head.sizeBytes + head.bodyBytes;
    if (unread.length < end) {
      this.wait(head, unread.length);
      return;
    }
    const { heldBytes } = this;
    this.head = undefined;
    this.pieces = 0;
    this.heldBytes = 0;
    this.unread = unread.length > end ? unread.subarray(end) : undefined;
    this.answering = true;
    desk.answer(head, unread.subarray(head.sizeBytes, end), heldBytes).then(this.send);
  }

  private readHead(unread: Buffer): PlainHead | undefined {
    const known = this.lastHead.find(unread);
    if (known !== undefined) return known;
    const head = readPlainHead(unread);
    // One request says nothing of the next.
    if (head !== undefined && this.answered) this.lastHead.keep(unread, head);
    return head;
  }

  private wait(head: PlainHead, sizeBytes: number): void {
    this.head = head;
    if (this.ended) this.onEnd();
    else if (++this.pieces > MOST_PIECES || !this.desk.hold(sizeBytes - this.heldBytes))
      this.handOver();
    else this.heldBytes = sizeBytes;
  }

  /** Forgets the request whose body is not whole. */
  private leave(why: "aborted" | "handed over"): void {
    if (this.head === undefined) return;
    this.desk.leave(why, this.heldBytes);
    this.head = undefined;
    this.heldBytes = 0;
  }

  private readonly send = (reply: Reply): void => {
    const { socket, host } = this;
    this.answering = false;
    this.answered = true;
    this.quietSweeps = 0;
    if (socket.destroyed) {
      this.desk.settle();
      return;
    }
    const last = host.closing || (this.ended && this.unread === undefined);
    const closes = last || reply.headers?.connection === "close";
    const sent = socket.write(replyText(reply, closes ? undefined : host.keepAliveMs));
    this.desk.settle();
    if (closes) this.end();
    else if (!sent) socket.pause().once("drain", this.goOn);
    else this.goOn();
  };

  private readonly goOn = (): void => {
    if (this.socket.isPaused()) this.socket.resume();
    this.step();
  };
}

/** `close` follows. */
const ignore = (): void => {};

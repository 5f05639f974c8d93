// One open stream. What it holds is a number per question: a reader that is slow gets the present state of
// what changed meanwhile, once, when it takes something again; nothing queues up behind it.
import type { ServerResponse } from "node:http";
import { type EndWhy, endFrame, HEARTBEAT, idFrame, retryFrame } from "./frames.ts";
import type { LiveQuestion } from "./live-question.ts";
import type { Pace } from "./pace.ts";
import type { ResetWhy } from "./point-book.ts";

export interface Watched {
  /** What the reader calls the question. */
  readonly ask: string;
  readonly question: LiveQuestion;
}

export interface StreamParts {
  readonly res: ServerResponse;
  readonly tenant: string;
  readonly watched: readonly Watched[];
  readonly boot: string;
  readonly pace: Pace;
  /** Everything up to here arrived before; undefined: nothing that is known. */
  readonly seq: number | undefined;
  readonly why: ResetWhy;
  /** Whether its key may still read. */
  readonly allowed: () => Promise<boolean>;
}

const RETRY_MS = 1000;
/** A reader that takes nothing gets this long to take the reason. */
const LAST_WORD_MS = 1000;

export class LiveStream {
  readonly tenant: string;
  readonly watched: readonly Watched[];
  /** Since when the reader has taken nothing; undefined: it takes what comes. */
  blockedMs: number | undefined;
  /** When it was last looked at whether its reader is there and may read. */
  beatMs: number;
  private readonly parts: StreamParts;
  private readonly sent: (number | undefined)[];
  private over = false;

  constructor(parts: StreamParts) {
    this.parts = parts;
    this.tenant = parts.tenant;
    this.watched = parts.watched;
    this.sent = parts.watched.map(() => parts.seq);
    this.beatMs = parts.pace.now();
    parts.res.on("drain", () => {
      this.blockedMs = undefined;
      this.send();
    });
    this.write(retryFrame(RETRY_MS));
  }

  /** Sends what changed in any of its questions, and then up to where that is. */
  send(): void {
    if (this.ended || this.blockedMs !== undefined) return;
    const { boot, why } = this.parts;
    const frames: Uint8Array[] = [];
    let last = 0;
    for (const [i, { ask, question }] of this.watched.entries()) {
      const { seq } = question.book;
      last = Math.max(last, seq);
      const sent = this.sent[i];
      if (sent !== undefined && sent >= seq) continue;
      frames.push(question.frame(ask, sent, why));
      this.sent[i] = seq;
    }
    if (frames.length === 0) return;
    // Only behind the last one: a reader cut off between two has not got it all.
    frames.push(Buffer.from(idFrame({ boot, seq: last })));
    this.write(Buffer.concat(frames));
  }

  /** It had its last word, though the connection may still be there. */
  get ended(): boolean {
    return this.over;
  }

  heartbeat(): void {
    this.beatMs = this.parts.pace.now();
    this.write(HEARTBEAT);
  }

  allowed(): Promise<boolean> {
    return this.parts.allowed();
  }

  /** The last that the reader hears, if it hears. */
  end(why: EndWhy, more?: object): void {
    if (this.ended) return;
    this.over = true;
    const { res } = this.parts;
    res.end(endFrame(why, more));
    setTimeout(() => res.destroy(), LAST_WORD_MS).unref();
  }

  private write(bytes: Uint8Array): void {
    if (!this.ended && !this.parts.res.write(bytes)) this.blockedMs ??= this.parts.pace.now();
  }
}

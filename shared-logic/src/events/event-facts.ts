// What validation found out about one event. One object is reused for every event: it holds until the
// next validation.
import { Unescaper } from "./scanner/unescape.ts";

/** Years 1970 to 9999. */
export const MAX_TIME_MS = 253_402_300_799_999;

/** A text as UTF-8 bytes [from, until) of some buffer; empty for an optional one that is not there. */
export class TextSlice {
  bytes: Uint8Array = new Uint8Array(0);
  from = 0;
  until = 0;
  private readonly unescaper = new Unescaper();

  get length(): number {
    return this.until - this.from;
  }

  clear(): void {
    this.from = 0;
    this.until = 0;
  }

  /** Takes the inside of a JSON string; false where it holds a lone surrogate. */
  take(bytes: Uint8Array, from: number, until: number, escaped: boolean): boolean {
    this.bytes = bytes;
    this.from = from;
    this.until = until;
    if (!escaped) return true;
    this.unescaper.run(bytes, from, until);
    this.bytes = this.unescaper.bytes;
    this.from = 0;
    this.until = this.unescaper.length;
    return !this.unescaper.lone;
  }

  /** A view. */
  view(): Uint8Array {
    return this.bytes.subarray(this.from, this.until);
  }
}

export class EventFacts {
  readonly eventId = new TextSlice();
  readonly eventType = new TextSlice();
  readonly userId = new TextSlice();
  readonly anonymousId = new TextSlice();
  readonly sessionId = new TextSlice();
  /** The timestamp as sent. */
  sentMs = 0;
  sentAtMs: number | undefined = undefined;
  /** Read for imports only. */
  receivedAtMs: number | undefined = undefined;
  /** The event's JSON. */
  readonly json = new TextSlice();
}

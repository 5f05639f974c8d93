// One dead letter as one line of JSON: the event as text where it is valid UTF-8, else as base64.
import type { DeadLetter, EpochMs, Problem, Reason, RejectedEvent } from "@tandem/shared-logic";

interface Line {
  readonly tenant: string;
  readonly receivedMs: EpochMs;
  readonly reason: Reason;
  readonly problems: readonly Problem[];
  readonly eventBytes: number;
  readonly text?: string;
  readonly base64?: string;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function encodeLine(event: RejectedEvent, entryBytes: number): Buffer {
  const { tenant, receivedMs, reason, problems } = event;
  const bytes = event.bytes.subarray(0, entryBytes);
  const eventBytes = event.bytes.length;
  const line: Line = { tenant, receivedMs, reason, problems, eventBytes, ...content(bytes) };
  return Buffer.from(`${JSON.stringify(line)}\n`);
}

function content(bytes: Uint8Array): { text: string } | { base64: string } {
  const base64 = {
    base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64"),
  };
  try {
    const text = decoder.decode(bytes);
    // Control characters take six bytes each once escaped; base64 never takes more than 4/3.
    return JSON.stringify(text).length <= 2 * bytes.length + 64 ? { text } : base64;
  } catch {
    return base64;
  }
}

/** Undefined for a line that a crash or a full disk cut off. */
export function decodeLine(bytes: Buffer, id: string): DeadLetter | undefined {
  let line: Line;
  try {
    line = JSON.parse(bytes.toString()) as Line;
  } catch {
    return undefined;
  }
  const { tenant, receivedMs, reason, problems, eventBytes, text, base64 = "" } = line;
  const event = text === undefined ? Buffer.from(base64, "base64") : Buffer.from(text);
  return {
    id,
    tenant,
    receivedMs,
    reason,
    problems,
    bytes: event,
    eventBytes,
    truncated: event.length < eventBytes,
  };
}

/** The lines of a segment; a last one without its line feed is none. */
export function* linesOf(bytes: Buffer): Generator<Buffer> {
  let from = 0;
  for (;;) {
    const end = bytes.indexOf(10, from);
    if (end < 0) return;
    yield bytes.subarray(from, end);
    from = end + 1;
  }
}

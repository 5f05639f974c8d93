// The one header that Tandem's records may have: `traceparent` with the W3C Trace Context of the request they
// came with, as other producers write it (opentelemetry.io, messaging on Kafka). Headers of others are skipped.
import { Buffer } from "node:buffer";

export const TRACE_HEADER = "traceparent";
/** version-traceid-parentid-flags. */
const TRACEPARENT_CHARS = 55;
const NAME = Buffer.from(TRACE_HEADER, "latin1");
/** How many, the name's length and the value's, each a byte. */
export const TRACE_HEADER_BYTES = 1 + 1 + NAME.length + 1 + TRACEPARENT_CHARS;

/** Where the next byte goes. The text has TRACEPARENT_CHARS characters. */
export function putTraceHeader(bytes: Buffer, at: number, traceparent: string): number {
  // Zigzag of numbers below 64 is twice the number in one byte.
  bytes[at++] = 2;
  bytes[at++] = 2 * NAME.length;
  at += NAME.copy(bytes, at);
  bytes[at++] = 2 * TRACEPARENT_CHARS;
  return at + bytes.write(traceparent, at, TRACEPARENT_CHARS, "latin1");
}

/** Of a record's headers, which lie in [from, until); undefined where there is none or they make no sense. */
export function traceHeader(bytes: Buffer, from: number, until: number): string | undefined {
  let at = from;
  const varint = (): number => {
    let [v, shift] = [0, 0];
    for (let byte = 128; byte > 127 && at < until && shift < 28; shift += 7) {
      byte = bytes[at++] ?? 0;
      v |= (byte & 127) << shift;
    }
    return (v >>> 1) ^ -(v & 1);
  };
  for (let left = varint(); left > 0 && at < until; left--) {
    const name = varint();
    const isTrace =
      name === NAME.length && bytes.toString("latin1", at, at + name) === TRACE_HEADER;
    at += Math.max(0, name);
    const length = varint();
    if (isTrace && length > 0 && at + length <= until)
      return bytes.toString("latin1", at, at + length);
    at += Math.max(0, length);
  }
  return undefined;
}

// The trace that a request belongs to, from its `traceparent` header (W3C Trace Context, §3.2). What is not
// such a header is no trace; nothing of it is kept.

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;
const NO_TRACE = "0".repeat(32);

/** 32 hex digits. */
export function traceIdOf(traceparent: unknown): string | undefined {
  if (typeof traceparent !== "string" || traceparent.length > 128) return undefined;
  const id = TRACEPARENT.exec(traceparent)?.[1];
  return id === NO_TRACE ? undefined : id;
}

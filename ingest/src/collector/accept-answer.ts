// The answer to a request whose events were looked at one by one: its status and its JSON text.
import type { Accepted } from "./accept-events.ts";

/**
 * 503 where anything may succeed later, also beside accepted events: a client that looks at nothing but the
 * status sends all of it again, which ids make harmless, and loses nothing. Else 202 where anything was
 * accepted or there was nothing to accept, and 400 where everything was rejected.
 */
export function acceptStatus(result: Accepted): 202 | 400 | 503 {
  if (result.retry > 0) return 503;
  return result.accepted > 0 || result.sent === 0 ? 202 : 400;
}

export function acceptBody(result: Accepted): string {
  const { accepted, retry, rejected, results, truncated, receipt } = result;
  // Its text needs no escapes.
  const told =
    receipt === undefined ? "" : `,"receipt":${receipt === null ? "null" : `"${receipt}"`}`;
  const counts = `{"accepted":${accepted},"retry":${retry},"rejected":${rejected}${told}`;
  if (results.length === 0 && !truncated) return `${counts},"results":[]}`;
  const flag = truncated ? ',"results_truncated":true' : "";
  return `${counts},"results":${JSON.stringify(results)}${flag}}`;
}

// The answer to a request whose events were looked at one by one: its status and its JSON text.
import type { Accepted } from "./accept-events.ts";

/**
 * 202 where anything was accepted or there was nothing to accept; 503 where nothing was and something
 * may succeed later (sending all of it again is safe: ids make repetition harmless); else 400.
 */
export function acceptStatus(result: Accepted): 202 | 400 | 503 {
  if (result.accepted > 0 || result.sent === 0) return 202;
  return result.retry > 0 ? 503 : 400;
}

export function acceptBody(result: Accepted): string {
  const { accepted, retry, rejected, results, truncated } = result;
  const counts = `{"accepted":${accepted},"retry":${retry},"rejected":${rejected}`;
  if (results.length === 0 && !truncated) return `${counts},"results":[]}`;
  const flag = truncated ? ',"results_truncated":true' : "";
  return `${counts},"results":${JSON.stringify(results)}${flag}}`;
}

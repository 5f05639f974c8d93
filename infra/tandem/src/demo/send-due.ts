// Sends what is due by the simulated clock to the collector, over HTTP like any client: NDJSON, batches of
// at most 500, retried where the collector says so.
import type { Clock } from "@tandem/shared-logic";
import type { Delivery } from "../simulator/app-users.ts";
import type { DemoApi } from "./demo-api.ts";

export interface SendCounts {
  requests: number;
  sent: number;
  copies: number;
  accepted: number;
  retry: number;
  rejected: number;
}

const BATCH = 500;
const PAUSE_MS = 25;

export function sendDue(
  deliveries: readonly Delivery[],
  clock: Clock,
  real: Clock,
  api: DemoApi,
  signal: AbortSignal,
): { readonly counts: SendCounts; readonly done: Promise<void> } {
  const counts: SendCounts = {
    requests: 0,
    sent: 0,
    copies: 0,
    accepted: 0,
    retry: 0,
    rejected: 0,
  };
  const loop = async (): Promise<void> => {
    for (let i = 0; i < deliveries.length && !signal.aborted; ) {
      const now = clock.now();
      const batch: Delivery[] = [];
      while (batch.length < BATCH && (deliveries[i]?.atMs ?? Number.POSITIVE_INFINITY) <= now) {
        const delivery = deliveries[i++];
        if (delivery) batch.push(delivery);
      }
      if (batch.length > 0) await post(batch, api, counts);
      else await real.sleep(PAUSE_MS, signal).catch(() => undefined);
    }
  };
  return { counts, done: loop() };
}

async function post(batch: readonly Delivery[], api: DemoApi, counts: SendCounts): Promise<void> {
  const response = await fetch(`${api.url}/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${api.key}`, "content-type": "application/x-ndjson" },
    body: batch.map((d) => JSON.stringify(d.event)).join("\n"),
  });
  const result = (await response.json()) as {
    accepted?: number;
    retry?: number;
    rejected?: number;
  };
  counts.requests++;
  counts.sent += batch.length;
  counts.copies += batch.filter((d) => d.copy).length;
  counts.accepted += result.accepted ?? 0;
  counts.retry += result.retry ?? (response.ok ? 0 : batch.length);
  counts.rejected += result.rejected ?? 0;
}

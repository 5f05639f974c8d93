// A collector on a real socket over adapters in memory, with a hand clock.
import type { TestContext } from "node:test";
import { keyMaking, sha256KeyHash } from "@tandem/adapters/embedded";
import {
  HandClock,
  MemoryEventLog,
  MemoryViewStore,
  memoryDeadLetters,
} from "@tandem/adapters/memory";
import {
  type CollectorLimits,
  createCollector,
  type EventSink,
  type ListenOptions,
  listen,
  type Origins,
  type ShedNotes,
} from "@tandem/ingest";
import {
  createKey,
  type DeadLetterLimits,
  type EventLog,
  epochMs,
  ledgerKeyStore,
  RECORD_HEADER_BYTES,
  revokeKey,
  type Scope,
} from "@tandem/shared-logic";

export const NOW = epochMs(Date.UTC(2019, 9, 1, 12));
export const DATASET = "events";

export interface FixtureOptions {
  readonly limits?: Partial<CollectorLimits>;
  readonly deadLetterLimits?: DeadLetterLimits;
  readonly origins?: Origins;
  readonly shed?: ShedNotes;
  readonly listen?: ListenOptions;
  /** Stands before the log. */
  readonly append?: (real: EventLog["append"]) => EventSink["append"];
  readonly partitions?: () => Promise<number>;
}

export interface Stored {
  readonly tenant: string;
  readonly json: string;
  readonly receivedMs: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: an answer's JSON is looked at field by field.
  readonly body: any;
}

export async function startCollector(t: TestContext, options: FixtureOptions = {}) {
  const clock = new HandClock(NOW);
  const log = new MemoryEventLog(clock);
  await log.create(DATASET, 4);
  const keys = ledgerKeyStore(new MemoryViewStore());
  const deadLetters = memoryDeadLetters(clock, options.deadLetterLimits);
  const real: EventLog["append"] = (dataset, records) => log.append(dataset, records);
  const errors: unknown[] = [];
  const collector = createCollector({
    log: {
      append: options.append === undefined ? real : options.append(real),
      partitions: options.partitions ?? ((dataset) => log.partitions(dataset)),
    },
    dataset: DATASET,
    keys,
    hash: sha256KeyHash,
    deadLetters,
    clock,
    logger: { error: (fields) => errors.push(fields), warn: () => {} },
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.shed === undefined ? {} : { shed: options.shed }),
    ...(options.origins === undefined ? {} : { origins: options.origins }),
  });
  const listening = await listen(collector.handle, {
    before: collector.readPlain,
    ...options.listen,
  });
  t.after(async () => {
    await listening.close(0);
    await collector.close();
  });
  const makeKey = (tenant: string, ...scopes: Scope[]) =>
    createKey(keys, keyMaking, { tenant, scopes }, clock.now());
  const { presented } = await makeKey("acme", "write");

  async function request(asked: RequestInit & { query?: string; path?: string }): Promise<Answer> {
    const { query = "", path = "/events", ...rest } = asked;
    // A body that is a stream needs `duplex`, which the types do not know.
    const init: object = { ...rest, duplex: "half" };
    const response = await fetch(`${listening.url}${path}${query}`, init);
    const text = await response.text();
    const body = text === "" ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, body };
  }

  return {
    url: listening.url,
    port: listening.port,
    listening,
    collector,
    deadLetters,
    errors,
    presented,
    makeKey,
    revoke: (id: string) => revokeKey(keys, id, clock.now()),
    wait: (ms: number) => clock.advance(ms),
    request,
    /** A POST with the key of tenant acme. */
    post: (
      body: NonNullable<RequestInit["body"]>,
      headers: Record<string, string> = {},
      query = "",
    ) =>
      request({
        method: "POST",
        body,
        headers: {
          authorization: `Bearer ${presented}`,
          "content-type": "application/json",
          ...headers,
        },
        query,
      }),
    /** Everything in the log, by partition and offset. */
    stored: () => readAll(log),
  };
}

async function readAll(log: EventLog): Promise<Stored[]> {
  const found: Stored[] = [];
  const partitions = await log.partitions(DATASET);
  for (let p = 0; p < partitions; p++) {
    const batch = await log.read(DATASET, p, 0, 1e9);
    for (let i = 0; i < batch.count; i++) {
      const bytes = Buffer.from(batch.bytes.subarray(batch.starts[i], batch.ends[i]));
      const tenantEnd = RECORD_HEADER_BYTES + bytes.readUInt16LE(52);
      const json = bytes.subarray(tenantEnd + bytes.readUInt16LE(54)).toString();
      const tenant = bytes.subarray(RECORD_HEADER_BYTES, tenantEnd).toString();
      found.push({ tenant, json, receivedMs: bytes.readDoubleLE(44) });
    }
  }
  return found;
}

/** An event as a client would send it. */
export const event = (id: string, more: Readonly<Record<string, unknown>> = {}) => ({
  event_id: id,
  event_type: "purchase",
  timestamp: "2019-10-01T11:59:58Z",
  user_id: `user of ${id}`,
  ...more,
});

export const json = (value: unknown): string => JSON.stringify(value);

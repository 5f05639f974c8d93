// From a decoded body to one result per event: accepted (durable in the log), retry (may or may not be
// in it; sending it again is harmless) or rejected with its problems, and kept among the dead letters.
// sent = accepted + retry + rejected, always. One append per request: the log groups commits.
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type AppendRecord,
  type Clock,
  DEFAULT_EVENT_LIMITS,
  type DeadLetters,
  type EpochMs,
  type EventLimits,
  EventWalk,
  encodeReceipt,
  type Notifications,
  type Problem,
  type Reason,
  type RejectedEvent,
  TandemError,
} from "@tandem/shared-logic";
import type { CollectorCounters } from "./collector-counters.ts";
import type { CollectorLimits } from "./collector-limits.ts";
import type { CollectorLogger } from "./collector-logger.ts";
import type { EventSink, SinkResult } from "./event-sink.ts";
import { type AcceptMode, eventIdOf, type Judging, judgeEvent } from "./judge-event.ts";
import { announceLate } from "./late-events.ts";
import { recordSpace } from "./record-space.ts";

export interface AcceptRequest {
  readonly body: Uint8Array;
  /** From the API key, never from the body. */
  readonly tenant: string;
  readonly mode: AcceptMode;
  /** Accepted events stand in `results` too. */
  readonly verbose?: boolean;
  /** A valid W3C header: the request's first record carries it. */
  readonly traceparent?: string;
}

export interface EventResult {
  /** Position in the request. */
  readonly index: number;
  readonly status: "accepted" | "retry" | "rejected";
  readonly event_id?: string;
  readonly reason?: Reason;
  readonly problems?: readonly Problem[];
}

export interface Accepted {
  readonly sent: number;
  readonly accepted: number;
  readonly retry: number;
  readonly rejected: number;
  /** By index; not the accepted ones, unless asked for. */
  readonly results: readonly EventResult[];
  /** There were more results than an answer lists. */
  readonly truncated: boolean;
  /** What a query can wait for; null where an accepted event waits in the spool, absent where none was accepted. */
  readonly receipt?: string | null;
}

export interface AcceptorOptions {
  readonly log: EventSink;
  readonly dataset: string;
  readonly deadLetters: Pick<DeadLetters, "add">;
  readonly clock: Clock;
  readonly limits: CollectorLimits;
  readonly counters: CollectorCounters;
  readonly logger?: CollectorLogger;
  /** Whoever listens hears of late events. */
  readonly notifications?: Pick<Notifications, "publish">;
}

export interface Acceptor {
  /** Undefined, and nothing done, where the body holds more events than a request may. */
  accept(request: AcceptRequest): Promise<Accepted | undefined>;
  /** Keeps (the beginning of) a body that was refused whole. */
  keepBody(bytes: Uint8Array, reason: "too_large" | "bad_encoding", tenant: string): Promise<void>;
}

/** Other requests get their turn after this much of a body. */
const TURN_BYTES = 512 * 1024;
const IMPORT_LIMITS: EventLimits = { ...DEFAULT_EVENT_LIMITS, imported: true };
const encoder = new TextEncoder();
const NONE_DURABLE: Promise<readonly SinkResult[]> = Promise.resolve([]);

export function createAcceptor(options: AcceptorOptions): Acceptor {
  const { log, dataset, deadLetters, clock, limits, counters, logger, notifications } = options;
  const lease = recordSpace();
  let partitions = 0;
  let lastTenant = "";
  let lastTenantBytes = new Uint8Array(0);

  /** It stays 0 while the dataset is not there or the log does not say. */
  async function findPartitions(): Promise<void> {
    try {
      partitions = await log.partitions(dataset);
    } catch (error) {
      noteLog(error);
    }
  }

  function noteLog(error: unknown): void {
    if (!(error instanceof TandemError)) throw error;
    logger?.warn({ code: error.code, dataset }, "the log takes no events");
  }

  /** Which records are durable; none where the log fails as a whole. */
  function append(records: readonly AppendRecord[]): Promise<readonly SinkResult[]> {
    if (records.length === 0 || partitions === 0) return NONE_DURABLE;
    // No function that awaits: each adds promises and turns to every request.
    return log.append(dataset, records).catch(noneWhere);
  }

  function noneWhere(error: unknown): readonly SinkResult[] {
    noteLog(error);
    return [];
  }

  async function keep(rejected: readonly RejectedEvent[]): Promise<void> {
    try {
      await deadLetters.add(rejected);
    } catch (error) {
      if (!(error instanceof TandemError)) throw error;
      counters.deadLettersLost += rejected.length;
      logger?.warn({ code: error.code }, "dead letters cannot be kept");
    }
  }

  function count(
    sent: number,
    accepted: number,
    retry: number,
    letters: readonly RejectedEvent[],
  ): void {
    counters.sent += sent;
    counters.accepted += accepted;
    counters.retry += retry;
    counters.rejected += letters.length;
    for (const { reason } of letters) counters.rejectedBy[reason]++;
  }

  /** Nobody can say how many events a broken array holds: it counts as one, rejected. */
  async function refuseWhole({ body, tenant }: AcceptRequest, problem: Problem): Promise<Accepted> {
    const letters = [letterOf(tenant, clock.now(), [problem], body)];
    await keep(letters);
    count(1, 0, 0, letters);
    const { reason } = problem;
    const results: EventResult[] = [{ index: 0, status: "rejected", reason, problems: [problem] }];
    return { sent: 1, accepted: 0, retry: 0, rejected: 1, results, truncated: false };
  }

  function bytesOf(tenant: string): Uint8Array {
    if (tenant !== lastTenant) {
      lastTenant = tenant;
      lastTenantBytes = encoder.encode(tenant);
    }
    return lastTenantBytes;
  }

  async function accept(request: AcceptRequest): Promise<Accepted | undefined> {
    const { tenant, mode, verbose = false } = request;
    // A plain view: cutting slices from a Buffer costs several times as much.
    const { buffer, byteOffset, length } = request.body;
    const body = new Uint8Array(buffer, byteOffset, length);
    const now = clock.now();
    if (partitions === 0) await findPartitions();
    const space = lease();
    const judging: Judging = {
      tenant: bytesOf(tenant),
      mode,
      now,
      partitions: Math.max(1, partitions),
      take: space.take,
      checked: log.recordChecks === true,
    };
    const eventLimits = mode === "import" ? IMPORT_LIMITS : DEFAULT_EVENT_LIMITS;
    const walk = new EventWalk(body, eventLimits);
    const starts: number[] = [];
    const ends: number[] = [];
    const records: AppendRecord[] = [];
    const problems = new Map<number, readonly Problem[]>();
    const letters: RejectedEvent[] = [];
    let turn = TURN_BYTES;
    const run = { records, starts, ends };
    for (;;) {
      const before = starts.length;
      walk.takeRecords(judging, run);
      if (starts.length === before) {
        if (!walk.next()) break;
        const judged = judgeEvent(walk.outcome, judging);
        if ("value" in judged) records.push(judged);
        else {
          problems.set(before, judged);
          letters.push(letterOf(tenant, now, judged, body.subarray(walk.start, walk.end)));
        }
        starts.push(walk.start);
        ends.push(walk.end);
      }
      if (starts.length > limits.eventsPerRequest) return undefined;
      const end = ends.at(-1) ?? 0;
      if (end > turn) {
        turn = end + TURN_BYTES;
        await nextTurn();
      }
    }
    if (walk.problem !== undefined) return refuseWhole(request, walk.problem);
    const sent = starts.length;
    const [first] = records;
    const { traceparent } = request;
    if (first && traceparent !== undefined) records[0] = traced(first, traceparent);
    const appended = append(records);
    if (letters.length > 0) await Promise.all([appended, keep(letters)]);
    const durable = await appended;
    let accepted = 0;
    let spooled = false;
    let placed = true;
    const reached = new Map<number, number>();
    for (const result of durable) {
      if (!result.ok) continue;
      accepted++;
      if (result.spooled === true) spooled = true;
      const { partition, offset } = result;
      if (partition === undefined || offset === undefined) placed = false;
      else if (offset >= (reached.get(partition) ?? 0)) reached.set(partition, offset + 1);
    }
    const receipt = accepted === 0 ? undefined : placed ? encodeReceipt(reached) : null;
    if (notifications && mode === "live") announceLate(notifications, tenant, records, durable);
    if (accepted === records.length && !spooled) space.giveBack();
    const rejected = problems.size;
    const retry = sent - accepted - rejected;
    count(sent, accepted, retry, letters);

    const results: EventResult[] = [];
    const listed = verbose ? sent : sent - accepted;
    let record = 0;
    for (let i = 0; results.length < Math.min(listed, limits.resultEntries); i++) {
      const wrong = problems.get(i);
      if (wrong !== undefined) {
        results.push({ index: i, status: "rejected", reason: reasonOf(wrong), problems: wrong });
        continue;
      }
      const status = durable[record++]?.ok === true ? "accepted" : "retry";
      if (status === "accepted" && !verbose) continue;
      const event_id = eventIdOf(body, starts[i] ?? 0, ends[i] ?? 0, eventLimits);
      results.push({ index: i, status, event_id });
    }
    const truncated = results.length < listed;
    const counted = { sent, accepted, retry, rejected, results, truncated };
    return receipt === undefined ? counted : { ...counted, receipt };
  }

  return {
    accept,
    keepBody: (bytes, reason, tenant) => {
      const letter = { tenant, receivedMs: clock.now(), reason, problems: [], bytes };
      return keep([letter]);
    },
  };
}

/** Field by field: of a packed record nothing else would be taken along. */
const traced = ({ partition, key, value }: AppendRecord, traceparent: string): AppendRecord => ({
  partition,
  key,
  value,
  traceparent,
});

export function letterOf(
  tenant: string,
  receivedMs: EpochMs,
  problems: readonly Problem[],
  bytes: Uint8Array,
): RejectedEvent {
  return { tenant, receivedMs, reason: reasonOf(problems), problems, bytes };
}

const reasonOf = (problems: readonly Problem[]): Reason => problems[0]?.reason ?? "not_json";

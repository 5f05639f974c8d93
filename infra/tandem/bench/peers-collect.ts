// The peers' events as the collector's records. argv: brokers, topic, file of NDJSON. All requests first go through the
// collector's acceptor into a sink that keeps nothing: what validating and framing them takes of the processor, compiling
// included, printed as `COLLECT {"cpuS"}`. Then once more into the topic, which is made; where it is there already, this
// is left out.
import { readFile } from "node:fs/promises";
import { KafkaEventLog } from "@tandem/adapters/kafka";
import {
  COLLECTOR_LIMITS,
  collectorCounters,
  createAcceptor,
  type EventSink,
} from "@tandem/ingest";
import type { EpochMs } from "@tandem/shared-logic";

const PARTITIONS = 4;
const EVENTS_A_REQUEST = 100;
/** Each waits for its answer before it sends the next request, as those of the collector's row do. */
const CONNECTIONS = 32;
const TENANT = Buffer.from('"tenant_id":"');
const TIME = Buffer.from('"timestamp":"');

interface Request {
  readonly tenant: string;
  readonly body: Uint8Array;
  readonly nowMs: EpochMs;
}

const textBehind = (line: Buffer, key: Buffer): string => {
  const from = line.indexOf(key) + key.length;
  return line.toString("latin1", from, line.indexOf(0x22, from));
};

/** Lines of one tenant together, as they came; a request comes when its last line does. */
function requestsOf(bytes: Buffer): Request[] {
  const requests: Request[] = [];
  const held = new Map<string, Buffer[]>();
  let newest = 0;
  const send = (tenant: string, lines: readonly Buffer[]): void => {
    requests.push({ tenant, body: Buffer.concat(lines), nowMs: newest as EpochMs });
  };
  for (let from = 0; from < bytes.length; ) {
    const until = bytes.indexOf(0x0a, from) + 1 || bytes.length;
    const line = bytes.subarray(from, until);
    from = until;
    newest = Math.max(newest, Date.parse(textBehind(line, TIME)));
    const tenant = textBehind(line, TENANT);
    const lines = held.get(tenant) ?? [];
    lines.push(line);
    if (lines.length === EVENTS_A_REQUEST) {
      send(tenant, lines);
      held.delete(tenant);
    } else held.set(tenant, lines);
  }
  for (const [tenant, lines] of held) send(tenant, lines);
  return requests;
}

async function accept(log: EventSink, topic: string, requests: readonly Request[]): Promise<void> {
  let nowMs = 0 as EpochMs;
  const acceptor = createAcceptor({
    log,
    dataset: topic,
    deadLetters: { add: () => Promise.reject(new Error("an event is rejected")) },
    clock: { now: () => nowMs, sleep: () => Promise.resolve() },
    limits: COLLECTOR_LIMITS,
    counters: collectorCounters(),
  });
  const send = async ({ tenant, body, nowMs: at }: Request): Promise<void> => {
    nowMs = at;
    const accepted = await acceptor.accept({ body, tenant, mode: "live" });
    if (!accepted || accepted.accepted !== accepted.sent) throw new Error("not all are accepted");
  };
  for (let from = 0; from < requests.length; from += CONNECTIONS)
    await Promise.all(requests.slice(from, from + CONNECTIONS).map(send));
}

const nowhere: EventSink = {
  partitions: async () => PARTITIONS,
  append: async (_, records) => records.map(() => ({ ok: true, partition: 0, offset: 0 })),
};

const [, , brokers = "", topic = "", file = ""] = process.argv;
const requests = requestsOf(await readFile(file));
const before = process.cpuUsage();
await accept(nowhere, topic, requests);
const { user, system } = process.cpuUsage(before);
process.stdout.write(`COLLECT ${JSON.stringify({ cpuS: (user + system) / 1e6 })}\n`);
const log = new KafkaEventLog({ brokers: brokers.split(",") });
await log.create(topic, PARTITIONS);
const ends = (await log.ranges(topic)).map((range) => range.end);
if (ends.every((end) => end === 0)) await accept(log, topic, requests);
await log.close();

// Which job a key stands for. A key is claimed for a new job in one step on the server, together with the
// keys of the job's whole flow, so that of many who add the same key at once one does. A claim holds
// while its job exists and has not finished; one whose job never came (its process died) is void soon.
import type { JobRequest } from "@tandem/shared-logic";
import type { RedisLink } from "./redis-link.ts";

/** From the claim to the job, at most; longer than a bounded command takes. */
export const GRACE_MS = 5_000;
/** A key is forgotten so long after its last claim and delay. */
const KEPT_MS = 30 * 86_400_000;

// KEYS are the claims in preorder, a node after its parent. ARGV: grace, then of each node its job's key
// without the id, its id, its parent's place from 1 (0: none), how long to keep it.
// Answers: of each node the id its key stands for; empty where its parent was known and it is not needed.
const CLAIM = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local held = {}
for i, claim in ipairs(KEYS) do
  local jobs, id, parent, keep = unpack(ARGV, i * 4 - 2, i * 4 + 1)
  parent = tonumber(parent)
  if parent > 0 and held[parent] ~= ARGV[parent * 4 - 1] then
    held[i] = ''
  else
    held[i] = id
    local old = redis.call('GET', claim)
    if old then
      local oldId, at = string.match(old, '^(%S+) (%d+)$')
      local exists = redis.call('EXISTS', jobs .. oldId) == 1
      local finished = exists and redis.call('HEXISTS', jobs .. oldId, 'finishedOn') == 1
      if not finished and (exists or now - tonumber(at) < tonumber(ARGV[1])) then held[i] = oldId end
    end
    if held[i] == id then
      redis.call('SET', claim, id .. ' ' .. string.format('%d', now), 'PX', keep)
    end
  end
end
return held`;

export interface FlowNode {
  readonly request: JobRequest;
  readonly id: string;
  /** Place of the parent among the nodes. */
  readonly parent: number | undefined;
}

export interface Claim {
  readonly id: string;
  readonly atMs: number;
}

/** Of each node the id of the job that its key stands for now; undefined below a known parent. */
export async function claimKeys(
  link: RedisLink,
  nodes: readonly FlowNode[],
): Promise<readonly (string | undefined)[]> {
  const { prefix } = link.settings;
  const claims = nodes.map(({ request }) => claimKey(prefix, request.queue, request.key));
  const args = nodes.flatMap(({ request, id, parent }) => [
    `${prefix}:${bullName(request.queue)}:`,
    id,
    parent === undefined ? 0 : parent + 1,
    Math.ceil(KEPT_MS + (request.delayMs ?? 0)),
  ]);
  const held = await link.client.eval(CLAIM, claims.length, ...claims, GRACE_MS, ...args);
  return (held as string[]).map((id) => (id === "" ? undefined : id));
}

export async function claimOf(
  link: RedisLink,
  queue: string,
  key: string,
): Promise<Claim | undefined> {
  const text = await link.client.get(claimKey(link.settings.prefix, queue, key));
  const [id, at] = text?.split(" ") ?? [];
  return id === undefined ? undefined : { id, atMs: Number(at) };
}

/** Its job may still come. */
export const isYoung = (claim: Claim, nowMs: number): boolean => nowMs - claim.atMs < GRACE_MS;

const claimKey = (prefix: string, queue: string, key: string): string =>
  `${prefix}:${bullName(queue)}:key:${key}`;

/** BullMQ's names have no colon. */
export const bullName = (name: string): string => encodeURIComponent(name);

// From a presented key to its record, or to why not. Records are remembered for `ttlMs`, so that a
// revocation is seen within a second and a busy key costs no read per request. Where the store does
// not answer, or not soon, the last known record serves for `graceMs` (nobody can revoke in it then), so
// that no request waits long for a store that hangs; a key not seen before gets `store_unavailable`.
// Unknown ids are not remembered: a new key works at once.
import { TandemError } from "../errors.ts";
import { StopSwitch } from "../loops/stop-switch.ts";
import type { Clock } from "../ports/clock.ts";
import type { KeyStore } from "../ports/key-store.ts";
import {
  type ApiKey,
  type Denial,
  denialOf,
  equalDigests,
  type KeyHash,
  type PresentedKey,
  parsePresentedKey,
  type Scope,
} from "./api-key.ts";

export interface AuthenticatorOptions {
  readonly keys: KeyStore;
  readonly hash: KeyHash;
  readonly clock: Clock;
  /** Default 500; at most 1,000. */
  readonly ttlMs?: number;
  /** Default 10 minutes. */
  readonly graceMs?: number;
  /** Longest wait for a record that is remembered; default 500. Right after a failure there is none. */
  readonly patienceMs?: number;
  /** Records remembered at most; default 10,000. */
  readonly capacity?: number;
}

export type Authentication =
  | { readonly ok: true; readonly key: ApiKey }
  | { readonly ok: false; readonly denial: Denial };

export interface Authenticator {
  /** By a key or its text. At once where the record is known; a promise where the store is asked, which rejects with `store_unavailable` only. */
  authenticate(
    presented: PresentedKey | string | undefined,
    scope: Scope,
  ): Authentication | Promise<Authentication>;
}

interface Reading {
  readonly sinceMs: number;
  readonly key: Promise<ApiKey | undefined>;
}

interface Remembered {
  readonly key: ApiKey;
  readonly readMs: number;
  /** The secret that was found to be this record's, so that it need not be hashed again. */
  provenSecret?: string;
}

/** A failure says so long that the store is away. */
const AWAY_MS = 1000;

const denied = (denial: Denial): Authentication => ({ ok: false, denial });

export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { keys, hash, clock, ttlMs = 500, graceMs = 600_000, capacity = 10_000 } = options;
  const { patienceMs = 500 } = options;
  if (!(ttlMs >= 0 && ttlMs <= 1000)) throw new RangeError("ttlMs is from 0 to 1,000");
  const remembered = new Map<string, Remembered>();
  const underWay = new Map<string, Reading>();
  let failedMs = Number.NEGATIVE_INFINITY;

  async function read(id: string): Promise<ApiKey | undefined> {
    // Taken before the read: what the store said is at least this old.
    const readMs = clock.now();
    try {
      const key = await keys.get(id);
      remembered.delete(id);
      if (key === undefined) return undefined;
      const oldest = remembered.keys().next();
      if (remembered.size >= capacity && !oldest.done) remembered.delete(oldest.value);
      remembered.set(id, { key, readMs });
      return key;
    } catch (error) {
      const known = remembered.get(id);
      const retryable = error instanceof TandemError && error.retryable;
      if (retryable) failedMs = clock.now();
      if (retryable && known !== undefined && readMs - known.readMs <= graceMs) return known.key;
      throw error;
    }
  }

  /** One read per id at a time, however many requests wait for it. */
  function readOnce(id: string): Reading {
    const running = underWay.get(id);
    if (running !== undefined) return running;
    const started: Reading = {
      sinceMs: clock.now(),
      key: read(id).finally(() => underWay.delete(id)),
    };
    underWay.set(id, started);
    return started;
  }

  /** The store's word, or after a while what is remembered; the reading then goes on by itself. */
  async function readSoon(id: string, known: Remembered | undefined): Promise<ApiKey | undefined> {
    const reading = readOnce(id);
    const now = clock.now();
    if (known === undefined || now - known.readMs > graceMs) return reading.key;
    const waitMs = now - failedMs < AWAY_MS ? 0 : patienceMs - (now - reading.sinceMs);
    if (waitMs <= 0) {
      reading.key.catch(() => undefined);
      return known.key;
    }
    const stop = new StopSwitch();
    const late = clock.sleep(waitMs, stop).then(
      () => known.key,
      () => known.key,
    );
    try {
      return await Promise.race([reading.key, late]);
    } finally {
      stop.stop();
    }
  }

  function isSecretOf(key: ApiKey, { id, secret }: PresentedKey): boolean {
    const known = remembered.get(id);
    const entry = known?.key === key ? known : undefined;
    const proven = entry?.provenSecret;
    if (proven !== undefined && equalDigests(secret, proven)) return true;
    if (!equalDigests(hash(secret), key.hash)) return false;
    if (entry !== undefined) entry.provenSecret = secret;
    return true;
  }

  function judge(key: ApiKey | undefined, presented: PresentedKey, scope: Scope): Authentication {
    // An unknown id and a wrong secret look the same from outside.
    if (key === undefined || !isSecretOf(key, presented)) return denied("key_unknown");
    const denial = denialOf(key, scope);
    return denial === undefined ? { ok: true, key } : denied(denial);
  }

  return {
    authenticate(asked, scope) {
      if (asked === undefined || asked === "") return denied("key_missing");
      const presented = typeof asked === "string" ? parsePresentedKey(asked) : asked;
      if (presented === undefined) return denied("key_malformed");
      const known = remembered.get(presented.id);
      const fresh = known !== undefined && clock.now() - known.readMs < ttlMs;
      if (fresh) return judge(known.key, presented, scope);
      return readSoon(presented.id, known).then((key) => judge(key, presented, scope));
    },
  };
}

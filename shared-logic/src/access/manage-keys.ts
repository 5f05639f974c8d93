// Creating, listing and revoking API keys. The secret exists in the result of `createKey` and nowhere
// else. Randomness, hash and time are passed in; the random bytes must come from a secure source.
import { TandemError } from "../errors.ts";
import type { KeyStore } from "../ports/key-store.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import {
  type ApiKey,
  formatPresentedKey,
  isTenantName,
  KEY_ID_BYTES,
  KEY_SECRET_BYTES,
  type KeyHash,
  type Scope,
} from "./api-key.ts";

export interface KeyMaking {
  readonly hash: KeyHash;
  /** Cryptographically secure random bytes. */
  readonly randomBytes: (count: number) => Uint8Array;
}

export interface NewKey {
  readonly tenant: string;
  readonly scopes: readonly Scope[];
}

export interface CreatedKey {
  readonly key: ApiKey;
  /** `tdm_<id>_<secret>`: to be shown once. */
  readonly presented: string;
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

export async function createKey(
  keys: KeyStore,
  making: KeyMaking,
  wanted: NewKey,
  now: EpochMs,
): Promise<CreatedKey> {
  if (!isTenantName(wanted.tenant)) {
    throw new TandemError("configuration", {
      message: "A tenant's name is 1 to 63 of a-z, 0-9, _ and -, starting with a letter or digit.",
      details: { tenant: wanted.tenant },
    });
  }
  if (wanted.scopes.length === 0) {
    throw new TandemError("configuration", { message: "A key needs at least one scope." });
  }
  const secret = hex(making.randomBytes(KEY_SECRET_BYTES));
  const hash = making.hash(secret);
  const scopes = [...new Set(wanted.scopes)];
  for (;;) {
    // Ids are 48 random bits: a second round is rare, a second key under one id impossible.
    const id = hex(making.randomBytes(KEY_ID_BYTES));
    const key: ApiKey = { id, tenant: wanted.tenant, scopes, hash, createdMs: now };
    if (await keys.add(key)) return { key, presented: formatPresentedKey({ id, secret }) };
  }
}

/** By moment of creation, then id. */
export async function listKeys(keys: KeyStore, tenant?: string): Promise<readonly ApiKey[]> {
  const all = await keys.list(tenant);
  return [...all].sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1));
}

/** Throws `key_unknown` where there is no such key. */
export async function revokeKey(keys: KeyStore, id: string, now: EpochMs): Promise<ApiKey> {
  const key = await keys.revoke(id, now);
  if (key === undefined) throw new TandemError("key_unknown", { details: { id } });
  return key;
}

// API keys: `tdm_<id>_<secret>`. The id (12 hex digits) is public and finds the record; the secret
// (64 hex digits, 256 random bits) is shown once and only its SHA-256 is stored. A slow password hash
// would add nothing: it protects guessable secrets, and nobody guesses 256 bits.
// A key has one tenant and a list of scopes; no scope contains another.
import type { EpochMs } from "../time/epoch-ms.ts";

export const SCOPES = ["write", "read", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** What is stored of a key. Holds no secret. */
export interface ApiKey {
  readonly id: string;
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the secret's text, lower-case hex. */
  readonly hash: string;
  readonly createdMs: EpochMs;
  /** Set once, never unset. */
  readonly revokedMs?: EpochMs;
}

/** What a client presented. Never logged, never part of an error. */
export interface PresentedKey {
  readonly id: string;
  readonly secret: string;
}

/** SHA-256 of a text's UTF-8 as 64 lower-case hex digits; passed in, as this package has no crypto. */
export type KeyHash = (text: string) => string;

export const KEY_ID_BYTES = 6;
export const KEY_SECRET_BYTES = 32;

const PRESENTED = /^tdm_([0-9a-f]{12})_([0-9a-f]{64})$/;
const TENANT = /^[a-z0-9][a-z0-9_-]{0,62}$/;

export function parsePresentedKey(text: string): PresentedKey | undefined {
  const m = PRESENTED.exec(text);
  return m === null ? undefined : { id: m[1] ?? "", secret: m[2] ?? "" };
}

export const formatPresentedKey = (key: PresentedKey): string => `tdm_${key.id}_${key.secret}`;

/** 1 to 63 of `a-z 0-9 _ -`, starting with a letter or digit. */
export const isTenantName = (text: string): boolean => TENANT.test(text);

export const isScope = (text: string): text is Scope =>
  (SCOPES as readonly string[]).includes(text);

/** Why a request with a key (or none) is turned away. */
export type Denial = "key_missing" | "key_malformed" | "key_unknown" | "key_revoked" | "key_scope";

/** What stands against using a stored key for `scope`; undefined where nothing does. */
export function denialOf(key: ApiKey, scope: Scope): Denial | undefined {
  if (key.revokedMs !== undefined) return "key_revoked";
  return key.scopes.includes(scope) ? undefined : "key_scope";
}

/** Compares two texts of hex digits in a time that depends on their length only. */
export function equalDigests(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

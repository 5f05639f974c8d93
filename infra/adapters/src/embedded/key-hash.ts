// SHA-256 of an API key's secret. Fast on purpose: the secret is 256 random bits, so there is nothing
// for a slow hash to protect (see access/api-key.ts in shared-logic).
import { hash, randomBytes } from "node:crypto";
import type { KeyHash, KeyMaking } from "@tandem/shared-logic";

export const sha256KeyHash: KeyHash = (text) => hash("sha256", text);

/** Hash and secure randomness for creating keys. */
export const keyMaking: KeyMaking = { hash: sha256KeyHash, randomBytes };

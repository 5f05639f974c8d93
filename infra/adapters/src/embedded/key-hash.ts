// SHA-256 of an API key's secret. Fast on purpose: the secret is 256 random bits, so there is nothing
// for a slow hash to protect (see access/api-key.ts in shared-logic).
import { createHash, randomBytes } from "node:crypto";
import type { KeyHash, KeyMaking } from "@tandem/shared-logic";

export const sha256KeyHash: KeyHash = (text) => createHash("sha256").update(text).digest("hex");

/** Hash and secure randomness for creating keys. */
export const keyMaking: KeyMaking = { hash: sha256KeyHash, randomBytes };

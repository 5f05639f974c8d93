// The key store over the view store's ledger: one row `key/<id>` per key, changed by compare-and-set,
// so every guarantee of the port is the ledger's own (ports/view-store.ts, lines 8 and 9).
import { TandemError } from "../errors.ts";
import type { KeyStore } from "../ports/key-store.ts";
import type { LedgerRow, ViewStore } from "../ports/view-store.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { type ApiKey, isScope, isTenantName } from "./api-key.ts";

export type Ledger = Pick<ViewStore, "ledger" | "ledgerRows" | "cas">;

const PREFIX = "key/";
const keyOf = (id: string): string => PREFIX + id;

export function ledgerKeyStore(ledger: Ledger): KeyStore {
  return {
    add: (key) => ledger.cas(keyOf(key.id), 0, JSON.stringify(key)),

    async get(id) {
      const row = await ledger.ledger(keyOf(id));
      return row && decode(row);
    },

    async revoke(id, at) {
      for (;;) {
        const row = await ledger.ledger(keyOf(id));
        if (row === undefined) return undefined;
        const key = decode(row);
        if (key.revokedMs !== undefined) return key;
        const revoked: ApiKey = { ...key, revokedMs: at };
        // Losing means that somebody else changed the row: a key changes only once, so this ends.
        if (await ledger.cas(row.key, row.version, JSON.stringify(revoked))) return revoked;
      }
    },

    async list(tenant) {
      const keys = (await ledger.ledgerRows(PREFIX)).map(decode);
      return tenant === undefined ? keys : keys.filter((key) => key.tenant === tenant);
    },
  };
}

/** A row that cannot be understood must never let anybody in: it throws. */
function decode(row: LedgerRow): ApiKey {
  const damaged = (cause?: unknown): TandemError =>
    new TandemError("corrupt_bytes", { details: { what: "api key", row: row.key }, cause });
  let parsed: unknown;
  try {
    parsed = JSON.parse(row.value);
  } catch (cause) {
    throw damaged(cause);
  }
  if (typeof parsed !== "object" || parsed === null) throw damaged();
  const { id, tenant, scopes, hash, createdMs, revokedMs } = parsed as Record<string, unknown>;
  if (typeof id !== "string" || keyOf(id) !== row.key) throw damaged();
  if (typeof tenant !== "string" || !isTenantName(tenant)) throw damaged();
  if (!Array.isArray(scopes) || !scopes.every((s) => typeof s === "string" && isScope(s))) {
    throw damaged();
  }
  if (typeof hash !== "string" || hash.length !== 64) throw damaged();
  if (typeof createdMs !== "number") throw damaged();
  if (revokedMs !== undefined && typeof revokedMs !== "number") throw damaged();
  return {
    id,
    tenant,
    scopes,
    hash,
    createdMs: createdMs as EpochMs,
    ...(revokedMs === undefined ? {} : { revokedMs: revokedMs as EpochMs }),
  };
}

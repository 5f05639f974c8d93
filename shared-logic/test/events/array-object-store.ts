// An object store in an array-backed map, for tests that need no more than the port's promises.
import { type ObjectStore, TandemError } from "@tandem/shared-logic";

export function arrayObjectStore(): ObjectStore & { readonly stored: Map<string, Uint8Array> } {
  const stored = new Map<string, Uint8Array>();
  return {
    stored,
    async putIfAbsent(key, bytes) {
      const existing = stored.get(key);
      if (!existing) stored.set(key, bytes.slice());
      else if (existing.length !== bytes.length || existing.some((b, i) => b !== bytes[i])) {
        throw new TandemError("object_conflict", { details: { key } });
      }
      return existing ? "exists" : "created";
    },
    get: async (key) => stored.get(key)?.slice(),
    getRange: async (key, from, until) => stored.get(key)?.slice(from, until),
    async *list(prefix, after = "") {
      for (const key of [...stored.keys()].sort()) {
        if (!key.startsWith(prefix) || key <= after) continue;
        yield { key, sizeBytes: stored.get(key)?.length ?? 0 };
      }
    },
    async remove(key) {
      stored.delete(key);
    },
    async close() {},
  };
}

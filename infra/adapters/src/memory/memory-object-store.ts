// ObjectStore in memory: durable at once, gone with the object.
import { type ObjectStore, type StoredObject, TandemError } from "@tandem/shared-logic";
import { checkKey } from "../embedded/files/walk.ts";

export class MemoryObjectStore implements ObjectStore {
  private readonly objects = new Map<string, Uint8Array>();

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<"created" | "exists"> {
    checkKey(key);
    const stored = this.objects.get(key);
    if (stored === undefined) {
      this.objects.set(key, bytes.slice());
      return "created";
    }
    if (Buffer.compare(stored, bytes) === 0) return "exists";
    throw new TandemError("object_conflict", {
      details: { key, storedBytes: stored.length, givenBytes: bytes.length },
    });
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.objects.get(key)?.slice();
  }

  async getRange(key: string, from: number, until: number): Promise<Uint8Array | undefined> {
    if (!(from >= 0 && from <= until)) throw new RangeError(`bytes ${from} to ${until}`);
    return this.objects.get(key)?.slice(from, until);
  }

  async *list(prefix: string, after = ""): AsyncGenerator<StoredObject> {
    for (const key of [...this.objects.keys()].sort()) {
      const stored = this.objects.get(key);
      if (stored === undefined || !key.startsWith(prefix) || key <= after) continue;
      yield { key, sizeBytes: stored.length };
    }
  }

  async remove(key: string): Promise<void> {
    this.objects.delete(key);
  }

  async close(): Promise<void> {}
}

// CheckpointStore in memory: durable at once, gone with the object.
import type { CheckpointStore } from "@tandem/shared-logic";
import { checkKey } from "../embedded/files/walk.ts";

export class MemoryCheckpointStore implements CheckpointStore {
  private readonly kept = new Map<string, Uint8Array>();

  async put(name: string, bytes: Uint8Array): Promise<void> {
    checkKey(name);
    this.kept.set(name, bytes.slice());
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    return this.kept.get(name)?.slice();
  }

  async list(prefix: string): Promise<readonly string[]> {
    return [...this.kept.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  async remove(name: string): Promise<void> {
    this.kept.delete(name);
  }
}

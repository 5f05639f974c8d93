// Immutable objects by key. Keys are `/`-separated, ASCII letters, digits and `._=@-`.
// No part is empty or dots alone, and no key is the folder of another (`a` beside `a/b`).
//
// 1. `putIfAbsent` stores all of the bytes or nothing, durably, before it resolves. An existing object
//    is never changed: with equal bytes the result is `exists`, with others it throws `object_conflict`.
// 2. What `putIfAbsent` resolved, `get`, `getRange` and `list` see at once, in every process.
// 3. `get` of an absent key is undefined. `getRange` is half-open and cut at the object's end.
// 4. `list` yields keys below a prefix in byte order, strictly after `after`; unfinished puts never show.
// 5. `remove` of an absent key succeeds.

export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
}

export interface ObjectStore {
  putIfAbsent(key: string, bytes: Uint8Array): Promise<"created" | "exists">;
  get(key: string): Promise<Uint8Array | undefined>;
  getRange(key: string, from: number, until: number): Promise<Uint8Array | undefined>;
  list(prefix: string, after?: string): AsyncIterable<StoredObject>;
  remove(key: string): Promise<void>;
  close(): Promise<void>;
}

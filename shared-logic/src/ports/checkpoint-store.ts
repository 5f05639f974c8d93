// Small named files that are replaced whole. No name is the folder of another (`a` beside `a/b`).
//
// 1. `put` is atomic and durable: after a crash a name holds its old bytes or its new ones, whole.
// 2. `get` of an absent name is undefined. Names: ASCII letters, digits and `._=@-/`.
// 3. `list` gives the names below a prefix, in byte order.
// 4. `remove` of an absent name succeeds.

export interface CheckpointStore {
  put(name: string, bytes: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array | undefined>;
  list(prefix: string): Promise<readonly string[]>;
  remove(name: string): Promise<void>;
}

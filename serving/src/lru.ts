// A map that forgets what was not asked for the longest time, once it holds too much.

export class Lru<V> {
  private readonly entries = new Map<string, { readonly value: V; readonly weight: number }>();
  private readonly capacity: number;
  private readonly weigh: (value: V) => number;
  private held = 0;

  /** `capacity` in the unit of `weigh`; by default every entry weighs 1. */
  constructor(capacity: number, weigh: (value: V) => number = () => 1) {
    this.capacity = capacity;
    this.weigh = weigh;
  }

  get(key: string): V | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: V): void {
    this.delete(key);
    const weight = this.weigh(value);
    if (weight > this.capacity) return;
    this.entries.set(key, { value, weight });
    this.held += weight;
    for (const oldest of this.entries.keys()) {
      if (this.held <= this.capacity) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    this.entries.delete(key);
    this.held -= entry.weight;
  }

  get size(): number {
    return this.entries.size;
  }
}

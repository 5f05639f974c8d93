// Writes to maps that can be taken back, newest first, until they are kept: what a power cut does to
// writes that nothing made durable.

export class Journal {
  private readonly undo: (() => void)[] = [];

  /** Writes that a power cut may still take. */
  get size(): number {
    return this.undo.length;
  }

  set<K, V>(map: Map<K, V>, key: K, value: V): void {
    this.remember(map, key);
    map.set(key, value);
  }

  delete<K, V>(map: Map<K, V>, key: K): void {
    this.remember(map, key);
    map.delete(key);
  }

  private remember<K, V>(map: Map<K, V>, key: K): void {
    const old = map.get(key);
    const had = old !== undefined || map.has(key);
    this.undo.push(had ? () => map.set(key, old as V) : () => map.delete(key));
  }

  /** All writes so far are durable. */
  keep(): void {
    this.undo.length = 0;
  }

  takeBack(writes: number): void {
    for (const undo of this.undo.splice(this.undo.length - writes).reverse()) undo();
  }
}

// Wanted paths compiled once into flat arrays, so that the scanner asks "does this key lead anywhere?"
// with a length lookup and a byte comparison. A path is keys joined by dots; slots are numbered so that
// every node's subtree is one range of slots (a repeated key clears exactly that range).

const encoder = new TextEncoder();
/** Children of a node are chained by the low bits of their key's length. */
export const LENGTH_BUCKETS = 16;
export const NO_NODE = -1;

export interface PathTrie {
  /** Number of slots: one per distinct path. */
  readonly size: number;
  /** The slot of each path given to compilePaths. */
  readonly slotOf: readonly number[];
  /** By node (0 is the event itself): its slot or -1, and the slots [low, high) of its subtree. */
  readonly slot: Int32Array;
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly hasChildren: Uint8Array;
  /** First child by [node · LENGTH_BUCKETS + (key length & 15)], then along `next`. */
  readonly first: Int32Array;
  readonly next: Int32Array;
  /** Each node's key is keys[keyFrom[node], keyUntil[node]). */
  readonly keys: Uint8Array;
  readonly keyFrom: Int32Array;
  readonly keyUntil: Int32Array;
}

class Node {
  readonly children = new Map<string, Node>();
  readonly paths: number[] = [];
}

function treeOf(paths: readonly string[]): Node {
  const root = new Node();
  paths.forEach((path, index) => {
    if (!path.isWellFormed()) throw new RangeError("a path holds a lone surrogate");
    let node = root;
    for (const key of path.split(".")) {
      let child = node.children.get(key);
      if (!child) {
        child = new Node();
        node.children.set(key, child);
      }
      node = child;
    }
    node.paths.push(index);
  });
  return root;
}

const count = (node: Node): number =>
  [...node.children.values()].reduce((sum, child) => sum + count(child), 1);

export function compilePaths(paths: readonly string[]): PathTrie {
  const root = treeOf(paths);
  const nodes = count(root);
  const slotOf: number[] = [];
  const slot = new Int32Array(nodes).fill(-1);
  const low = new Int32Array(nodes);
  const high = new Int32Array(nodes);
  const hasChildren = new Uint8Array(nodes);
  const first = new Int32Array(nodes * LENGTH_BUCKETS).fill(NO_NODE);
  const next = new Int32Array(nodes).fill(NO_NODE);
  const keyFrom = new Int32Array(nodes);
  const keyUntil = new Int32Array(nodes);
  const keys: number[] = [];
  let size = 0;
  let used = 0;

  const place = (node: Node): number => {
    const id = used++;
    low[id] = size;
    if (node.paths.length > 0) {
      slot[id] = size++;
      for (const path of node.paths) slotOf[path] = slot[id]!;
    }
    for (const [key, child] of node.children) {
      const bytes = encoder.encode(key);
      const at = place(child);
      keyFrom[at] = keys.length;
      for (const b of bytes) keys.push(b);
      keyUntil[at] = keys.length;
      const bucket = id * LENGTH_BUCKETS + (bytes.length & (LENGTH_BUCKETS - 1));
      next[at] = first[bucket]!;
      first[bucket] = at;
      hasChildren[id] = 1;
    }
    high[id] = size;
    return id;
  };
  place(root);
  return {
    size,
    slotOf,
    slot,
    low,
    high,
    hasChildren,
    first,
    next,
    keys: Uint8Array.from(keys),
    keyFrom,
    keyUntil,
  };
}

/** The child of `node` whose key is `bytes[from, until)`, or NO_NODE. */
export function findChild(
  trie: PathTrie,
  node: number,
  bytes: Uint8Array,
  from: number,
  until: number,
): number {
  const { next, keys, keyFrom, keyUntil } = trie;
  const length = until - from;
  let child = trie.first[node * LENGTH_BUCKETS + (length & (LENGTH_BUCKETS - 1))]!;
  for (; child >= 0; child = next[child]!) {
    const at = keyFrom[child]!;
    if (keyUntil[child]! - at !== length) continue;
    let j = 0;
    while (j < length && keys[at + j] === bytes[from + j]) j++;
    if (j === length) return child;
  }
  return NO_NODE;
}

/**
 * A map with a limit in items and, where values vary in size, in bytes. The oldest entry is evicted first.
 * Pure, so that the rooms without a clock use it too.
 */

export interface BoundedMapOptions<Key, Value> {
  readonly itemsMax: number;
  /** Limit for the sum of `bytesOf`. Needs `bytesOf`; without it only items are limited. */
  readonly bytesMax?: number;
  /** Size of one entry in bytes. Must give the same number for the same entry each time. */
  readonly bytesOf?: (key: Key, value: Value) => number;
  /** Called for each entry that a limit evicts, not for deleted or replaced ones. */
  readonly onEvict?: (key: Key, value: Value) => void;
}

/**
 * Insertion order is eviction order. Replacing a value keeps the entry's place; `touch` moves an entry to the end, which
 * makes the map evict the least recently used one. An entry larger than `bytesMax` is evicted at once.
 */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #options: BoundedMapOptions<Key, Value>;
  #bytes = 0;
  #evicted = 0;

  constructor(options: BoundedMapOptions<Key, Value>) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Sum of `bytesOf` over all entries; 0 without `bytesOf`. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key);
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  /** Adds or replaces an entry, then evicts the oldest ones until both limits hold. */
  set(key: Key, value: Value): this {
    const { bytesOf, itemsMax, bytesMax } = this.#options;
    if (bytesOf !== undefined) {
      const replaced = this.#entries.get(key);
      if (replaced !== undefined || this.#entries.has(key)) this.#bytes -= bytesOf(key, replaced as Value);
      this.#bytes += bytesOf(key, value);
    }
    this.#entries.set(key, value);
    while (this.#entries.size > itemsMax || (bytesMax !== undefined && this.#bytes > bytesMax)) this.#evictOldest();
    return this;
  }

  /** The value under `key`, created, stored and returned if there is none. */
  getOrAdd(key: Key, create: () => Value): Value {
    const existing = this.#entries.get(key);
    if (existing !== undefined) return existing;
    const value = create();
    this.set(key, value);
    return value;
  }

  /** Moves an entry to the end of the eviction order. Returns its value, or undefined if there is none. */
  touch(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** Returns false if there was no such entry. */
  delete(key: Key): boolean {
    const { bytesOf } = this.#options;
    if (bytesOf !== undefined && this.#entries.has(key)) this.#bytes -= bytesOf(key, this.#entries.get(key) as Value);
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  /** Number of entries evicted by a limit since the last call. */
  takeEvicted(): number {
    const evicted = this.#evicted;
    this.#evicted = 0;
    return evicted;
  }

  /** The oldest key, which is evicted next. */
  oldestKey(): Key | undefined {
    const { value, done } = this.#entries.keys().next();
    return done === true ? undefined : value;
  }

  keys(): MapIterator<Key> {
    return this.#entries.keys();
  }

  values(): MapIterator<Value> {
    return this.#entries.values();
  }

  entries(): MapIterator<[Key, Value]> {
    return this.#entries.entries();
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.#entries.entries();
  }

  #evictOldest(): void {
    const { value: key, done } = this.#entries.keys().next();
    if (done === true) return;
    const value = this.#entries.get(key) as Value;
    this.delete(key);
    this.#evicted += 1;
    this.#options.onEvict?.(key, value);
  }
}

/** First in, first out, with a limit in items and, where items vary in size, in bytes. A full queue refuses and counts. */

export interface QueueBytes<Item> {
  readonly max: number;
  /** Size of one item. Must give the same number for the same item each time. */
  readonly of: (item: Item) => number;
}

/** Below this many taken items the list is not cut: the copy would cost more than the memory is worth. */
const cutItemsMin = 1_024;

export class BoundedQueue<Item> {
  readonly #itemsMax: number;
  readonly #sizes: QueueBytes<Item> | undefined;
  #items: (Item | undefined)[] = [];
  #next = 0;
  #bytes = 0;
  #refused = 0;

  constructor(itemsMax: number, bytes?: QueueBytes<Item>) {
    this.#itemsMax = itemsMax;
    this.#sizes = bytes;
  }

  get size(): number {
    return this.#items.length - this.#next;
  }

  /** Sum of the sizes of all items; 0 without a limit in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds an item, or returns false if there is no room. `share` scales both limits for this one item. */
  offer(item: Item, share = 1): boolean {
    const sizes = this.#sizes;
    const bytes = sizes === undefined ? 0 : sizes.of(item);
    if (this.size >= this.#itemsMax * share || (sizes !== undefined && this.#bytes + bytes > sizes.max * share)) {
      this.#refused += 1;
      return false;
    }
    this.#bytes += bytes;
    this.#items.push(item);
    return true;
  }

  /** Removes and returns the oldest item. */
  shift(): Item | undefined {
    if (this.#next === this.#items.length) return undefined;
    const item = this.#items[this.#next] as Item;
    this.#items[this.#next] = undefined;
    this.#next += 1;
    if (this.#sizes !== undefined) this.#bytes -= this.#sizes.of(item);
    this.#cut();
    return item;
  }

  /** Removes and returns the oldest items, at most `countMax` of them. */
  take(countMax: number): Item[] {
    const end = Math.min(this.#items.length, this.#next + Math.max(0, countMax));
    const taken = this.#items.slice(this.#next, end) as Item[];
    // Taken items must not stay reachable until the list is cut.
    this.#items.fill(undefined, this.#next, end);
    this.#next = end;
    if (this.#sizes !== undefined) for (const item of taken) this.#bytes -= this.#sizes.of(item);
    this.#cut();
    return taken;
  }

  /** Number of items refused since the last call. */
  takeRefused(): number {
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }

  /** Moving the rest to the front for each item would cost the square of a burst, so the list is cut once it is half empty. */
  #cut(): void {
    if (this.#next === this.#items.length) this.#items = [];
    else if (this.#next >= cutItemsMin && this.#next * 2 >= this.#items.length)
      this.#items = this.#items.slice(this.#next);
    else return;
    this.#next = 0;
  }
}

/** First in, first out, with room for `itemsMax`: what finds no room is refused and counted, never kept. */
export class BoundedQueue<Item> {
  readonly #itemsMax: number;
  #items: (Item | undefined)[] = [];
  #next = 0;
  #refused = 0;

  constructor(itemsMax: number) {
    this.#itemsMax = itemsMax;
  }

  get size(): number {
    return this.#items.length - this.#next;
  }

  /** False when there was no room. */
  offer(item: Item): boolean {
    if (this.size >= this.#itemsMax) {
      this.#refused += 1;
      return false;
    }
    this.#items.push(item);
    return true;
  }

  /** The oldest items, at most `countMax` of them. */
  take(countMax: number): Item[] {
    const end = Math.min(this.#items.length, this.#next + Math.max(0, countMax));
    const taken = this.#items.slice(this.#next, end) as Item[];
    // What was taken must not stay reachable until the list is cut.
    this.#items.fill(undefined, this.#next, end);
    this.#next = end;
    // Moving the rest to the front each time would cost the square of a burst; half empty is soon enough.
    if (this.#next * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#next);
      this.#next = 0;
    }
    return taken;
  }

  /** How many were refused since the last call. */
  takeRefused(): number {
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }
}

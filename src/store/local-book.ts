/** The latest book that this instance knows, which it changes alone while the shared store is unreachable. */
import type { Book } from '../alert/incident.ts';
import { mergeBooks } from '../alert/incidents/merge-books.ts';
import type { Millis } from '../event/ids.ts';
import type { Change } from './store.ts';

export class LocalBook {
  #book: Book | undefined;
  /** True if it has changes that the shared store does not have. */
  #isAhead = false;

  /**
   * The book that a change of the shared store starts from: what the store holds, joined with changes made alone. A store that
   * lost its data, recognised by a missing or younger book, gets back what this instance knows.
   */
  base(stored: Book | undefined, now: Millis): Book | undefined {
    const own = this.#book;
    if (own === undefined) return stored;
    const isSameBook = stored !== undefined && stored.begunAt === own.begunAt;
    if (isSameBook && !this.#isAhead) return stored;
    const isLost = stored === undefined || stored.begunAt > own.begunAt;
    const both = mergeBooks(stored, own);
    return isLost ? { ...both, lostAt: now } : both;
  }

  /** Takes over the book of the shared store after an update. */
  synchronized(book: Book | undefined): void {
    this.#book = book;
    this.#isAhead = false;
  }

  updateAlone<Answer>(change: Change<Book, Answer>, now: Millis): Answer {
    const { next, answer } = change(this.#book, now);
    this.#isAhead ||= next !== undefined && next !== this.#book;
    this.#book = next ?? this.#book;
    return answer;
  }
}

/**
 * Untrusted → Redacted: which field gets which treatment. The only place that opens the box, and the only one that makes
 * a `Redacted` of a worker's text. Pure but for what it remembers of the secrets of live tasks.
 */
import type { TaskId } from '../event/ids.ts';
import type { Event, TaskEvent, TaskResult } from '../event/task-event.ts';
import type { Redacted, Untrusted } from '../event/untrusted.ts';
import { scan } from './detect/scan.ts';
import { scanTraceback } from './detect/traceback.ts';
import { createKeyJudge, type KeyVocabulary } from './names/key-names.ts';
import { type Modes, Profiles, type RedactionProfile } from './profiles.ts';
import { allowedOf } from './render/allow-list.ts';
import { placeOf, reasonOf } from './render/explain.ts';
import { type Action, createMark } from './render/marks.ts';
import { cut, readable } from './render/printable.ts';
import { replaced } from './render/replace.ts';
import { shapeOf } from './render/shape.ts';
import { isOnPath, leavesOf, pathGlobOf } from './render/value-paths.ts';
import { echoes, Taint, telling } from './taint.ts';
import type { Match } from './text/match.ts';
import { leveled } from './text/normalize.ts';

export type Field = 'args' | 'kwargs' | 'result' | 'exception' | 'traceback' | 'name' | 'log';

/**
 * `drop` leaves nothing, `shape` brackets, keys and kinds of values, `allow` the same and the values at listed paths,
 * `redact` all but secrets, `raw` everything.
 */
export type Treatment = 'drop' | 'shape' | 'allow' | 'redact' | 'raw';

/** A pattern of the operator's, compiled elsewhere; answers the places in a text, in time that grows with its length. */
export interface Pattern {
  /** The kind of what it finds. */
  readonly name: string;
  readonly find: (text: string) => Iterable<readonly [from: number, to: number]>;
}

export interface RedactOptions extends KeyVocabulary {
  readonly modes: Modes;
  /** Other treatments by the name of the task; the first that matches counts. */
  readonly profiles?: readonly RedactionProfile[];
  /** Paths whose values are always secret, and those that `allow` shows: `kwargs.user.*.zip`. */
  readonly sensitivePaths?: readonly string[];
  readonly allowedPaths?: readonly string[];
  /** What stands in the place of a secret, by its kind; `[redacted:kind]` when nothing is said. */
  readonly actions?: Readonly<Record<string, Action>>;
  readonly hashKey?: { expose(): string } | undefined;
  readonly patterns?: readonly Pattern[];
  /** Longest text that is read, in characters; what is cut off is never shown. */
  readonly charsMax?: Readonly<Record<Field, number>>;
  /** Told what was hidden, for counting; never the value. */
  readonly onRedacted?: (field: Field, kind: string, count: number) => void;
  /** For a person who asks why: where in a field, what, and by which rule; never the value. */
  readonly onExplained?: (field: Field, line: string) => void;
  readonly onFailed?: (field: Field, reason: string) => void;
}

/** Celery itself cuts arguments at about a thousand characters, exceptions and tracebacks not at all. */
export const defaultCharsMax: Readonly<Record<Field, number>> = {
  args: 16_384,
  kwargs: 16_384,
  result: 16_384,
  exception: 65_536,
  traceback: 262_144,
  name: 1_024,
  log: 65_536,
};

/** Results are of the least use and the most risk, so they stay where they are. */
export const defaultRedactOptions: RedactOptions = {
  modes: {
    args: 'redact',
    kwargs: 'redact',
    result: 'drop',
    exception: 'redact',
    traceback: 'redact',
    name: 'redact',
    log: 'redact',
  },
  sensitiveKeys: [],
  safeKeys: [],
};

export interface Redactor {
  redact(event: Event<Untrusted>): Event<Redacted>;
  /** A text that belongs to no task. */
  redactText(field: Field, text: string): Redacted;
}

/** What a task said of itself last, and what was made of it; like the secrets of live tasks, in memory and shown to nobody. */
interface Publication {
  readonly rawArgs: string | undefined;
  readonly rawKwargs: string | undefined;
  readonly args: Redacted | undefined;
  readonly kwargs: Redacted | undefined;
  /** So many secrets of the task were known when it was read; with more it is to be read again. */
  readonly known: number;
}

/** Tasks between their being sent and received: most are received at once. */
const publishedMax = 4_096;

const failed = '[dropped: redaction failed]' as Redacted;
const dropped = '[dropped]' as Redacted;
/** Names of tasks are code, so they are few; a caller that invents them must not grow the memory. */
const namesMax = 10_000;
/** Patterns of the operator's run on an engine that is linear and slow; longer texts are cut before, never let through. */
const patternCharsMax = 65_536;
/** More secrets in one text than this are an attack, or no text for people. */
const placesMax = 20_000;

/** `taint` is what is known of live tasks: handed on to the redactor that comes after, when options change in a run. */
export function createRedactor(options: RedactOptions, taint = new Taint()): Redactor {
  const judge = createKeyJudge(options);
  const charsMax = options.charsMax ?? defaultCharsMax;
  const mark = createMark({ actions: options.actions ?? {}, hashKey: options.hashKey });
  const profiles = new Profiles(options.modes, options.profiles ?? []);
  const sensitivePaths = (options.sensitivePaths ?? []).map(pathGlobOf);
  const allowedPaths = (options.allowedPaths ?? []).map(pathGlobOf);
  const patterns = options.patterns ?? [];
  const isOwn = sensitivePaths.length > 0 || patterns.length > 0;
  const names = new Map<string, Redacted>();
  const published = new Map<TaskId, Publication>();

  /** The text as it may be shown, without what the task named a secret before; undefined when its field is dropped. */
  function clean(field: Field, text: string, id: TaskId | undefined): Redacted | undefined {
    const mode = id === undefined ? options.modes[field] : profiles.of(id)[field];
    if (mode === 'drop') {
      // What a dropped field named a secret still goes from the fields that are shown.
      if (id !== undefined && field !== 'result' && !isInnocent(text)) learn(field, text, id);
      return undefined;
    }
    if (!isOwn && (mode === 'redact' || mode === 'raw') && isInnocent(text)) return text as Redacted;
    try {
      const shown = shownOf(field, text);
      const found = findIn(field, shown);
      const values = telling(shown, found);
      if (id !== undefined && values.length > 0) taint.note(id, values);
      if (mode === 'shape') return shapeOf(shown) as Redacted;
      if (mode === 'raw') return shown as Redacted;
      const known = id === undefined ? values : [...values, ...taint.of(id)];
      if (known.length > 0) echoes(shown, known, found);
      if (found.length > placesMax) throw new RangeError('places');
      if (options.onExplained !== undefined) explain(field, shown, found, options.onExplained);
      if (mode === 'allow') return allowedText(field, shown, found);
      return hide(field, shown, found);
    } catch (error) {
      options.onFailed?.(field, error instanceof RangeError ? 'budget' : 'error');
      return failed;
    }
  }

  function shownOf(field: Field, text: string): string {
    const most = patterns.length > 0 ? Math.min(charsMax[field], patternCharsMax) : charsMax[field];
    return readable(cut(text, most, field === 'traceback'));
  }

  function explain(
    field: Field,
    text: string,
    found: readonly Match[],
    tell: (field: Field, line: string) => void,
  ): void {
    let end = 0;
    for (const place of found.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
      if (place.to <= end) continue;
      end = place.to;
      const length = place.to - place.from;
      tell(field, `${placeOf(text, place.from)}: ${place.kind}, ${length} characters, ${reasonOf(text, place, judge)}`);
    }
  }

  function hide(field: Field, text: string, found: readonly Match[]): Redacted {
    if (found.length === 0) return text as Redacted;
    return replaced(text, found, mark, (kind, count) => options.onRedacted?.(field, kind, count)) as Redacted;
  }

  /** Also where a path is allowed, a secret is not. */
  function allowedText(field: Field, text: string, found: readonly Match[]): Redacted {
    const leaves = leavesOf(field, text).filter(({ path }) => allowedPaths.some((glob) => isOnPath(path, glob)));
    return allowedOf(text, leaves, (from, to) => {
      const inside = found.filter((place) => place.to > from && place.from < to);
      const moved = inside.map((place) => ({
        ...place,
        from: Math.max(0, place.from - from),
        to: Math.min(to, place.to) - from,
      }));
      return hide(field, text.slice(from, to), moved);
    }) as Redacted;
  }

  function findIn(field: Field, text: string): Match[] {
    const found: Match[] = [];
    const level = leveled(text);
    if (field === 'traceback') scanTraceback(level, judge, found);
    else scan(level, judge, 'text', found);
    if (isOwn) findOwn(field, level, found);
    return found;
  }

  /** What the operator's own paths and patterns say, after what is built in. */
  function findOwn(field: Field, text: string, found: Match[]): void {
    if (sensitivePaths.length > 0 && (field === 'args' || field === 'kwargs' || field === 'result')) {
      for (const { path, from, to } of leavesOf(field, text)) {
        if (sensitivePaths.some((glob) => isOnPath(path, glob))) found.push({ from, to, kind: 'secret' });
      }
    }
    for (const { name: kind, find } of patterns) {
      for (const [from, to] of find(text)) {
        found.push({ from, to, kind });
        if (found.length > placesMax) throw new RangeError('places');
      }
    }
  }

  function learn(field: Field, text: string, id: TaskId): void {
    try {
      const shown = shownOf(field, text);
      const values = telling(shown, findIn(field, shown));
      if (values.length > 0) taint.note(id, values);
    } catch {
      // Nothing of it is shown here, so nothing is lost; where the field is shown, its own reading tells of the failure.
    }
  }

  function name(text: string): Redacted {
    const known = names.get(text);
    if (known !== undefined) return known;
    const cleaned = clean('name', text, undefined) ?? dropped;
    if (names.size >= namesMax) names.clear();
    names.set(text, cleaned);
    return cleaned;
  }

  const open = (field: Field, box: Untrusted | undefined, id: TaskId): Redacted | undefined =>
    box === undefined ? undefined : field === 'name' ? name(box.reveal()) : clean(field, box.reveal(), id);

  /** A task says the same when it is sent and when it is received, so the second time costs no reading. */
  function publication(event: Extract<TaskEvent<Untrusted>, { args: unknown }>): Pick<Publication, 'args' | 'kwargs'> {
    const { id } = event;
    if (event.name !== undefined) profiles.saw(id, event.name.reveal());
    const rawArgs = event.args?.reveal();
    const rawKwargs = event.kwargs?.reveal();
    const before = published.get(id);
    if (before !== undefined) {
      published.delete(id);
      const isSame = before.rawArgs === rawArgs && before.rawKwargs === rawKwargs;
      if (isSame && before.known === taint.sizeOf(id)) return before;
    }
    const args = open('args', event.args, id);
    const kwargs = open('kwargs', event.kwargs, id);
    const read = { rawArgs, rawKwargs, args, kwargs, known: taint.sizeOf(id) };
    published.set(id, read);
    if (published.size > publishedMax) {
      const oldest = published.keys().next();
      if (!oldest.done) published.delete(oldest.value);
    }
    return read;
  }

  function forget(id: TaskId): void {
    taint.forget(id);
    profiles.forget(id);
  }

  function redactTask(event: TaskEvent<Untrusted>): TaskEvent<Redacted> {
    const { id } = event;
    switch (event.type) {
      case 'task-sent':
      case 'task-received': {
        const { args, kwargs } = publication(event);
        return { ...event, name: open('name', event.name, id), args, kwargs };
      }
      case 'task-failed':
      case 'task-retried': {
        // Either text may name what the other only echoes, so both are read before one is shown.
        if (event.exception !== undefined && event.traceback !== undefined)
          learn('exception', event.exception.reveal(), id);
        const traceback = open('traceback', event.traceback, id);
        const exception = open('exception', event.exception, id);
        if (event.type === 'task-failed') forget(id);
        return { ...event, exception, traceback };
      }
      case 'task-succeeded': {
        const result = open('result', event.result, id);
        forget(id);
        return { ...event, result };
      }
      case 'task-rejected':
      case 'task-revoked':
        forget(id);
        return event;
      case 'task-started':
      case 'task-cancelled':
        return event;
      default:
        return event satisfies never;
    }
  }

  /** What the task named a secret in its arguments goes from here too, and stays known until its events are over. */
  function redactResult(result: TaskResult<Untrusted>): TaskResult<Redacted> {
    const { id } = result;
    if (result.name !== undefined) profiles.saw(id, result.name.reveal());
    if (result.exception !== undefined && result.traceback !== undefined)
      learn('exception', result.exception.reveal(), id);
    const traceback = open('traceback', result.traceback, id);
    const exception = open('exception', result.exception, id);
    return { ...result, name: open('name', result.name, id), exception, traceback };
  }

  return {
    redact: (event) => {
      if (event.type === 'task-result') return redactResult(event);
      return 'id' in event ? redactTask(event) : event;
    },
    redactText: (field, text) => clean(field, text, undefined) ?? dropped,
  };
}

/** Brackets, short numbers and spaces alone: `()`, `{}`, `(1001, 2)`. Long runs of digits may be a card. */
function isInnocent(text: string): boolean {
  if (text.length > 64) return false;
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 48 && code <= 57) {
      digits += 1;
      if (digits > 8) return false;
    } else if (code === 44) digits = 0;
    else if (code !== 32 && code !== 40 && code !== 41 && code !== 91 && code !== 93 && code !== 123 && code !== 125)
      return false;
  }
  return true;
}

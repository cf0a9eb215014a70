/**
 * Untrusted → Redacted: which field gets which treatment. The only place that opens the box, and the only one that makes
 * a `Redacted` of a worker's text. Pure but for what it remembers of the secrets of live tasks.
 */
import type { TaskId } from '../event/ids.ts';
import type { Event, TaskEvent } from '../event/task-event.ts';
import type { Redacted, Untrusted } from '../event/untrusted.ts';
import { createKeyJudge, type KeyVocabulary } from './keys.ts';
import { type Found, scan } from './scan.ts';
import { shapeOf } from './shape.ts';
import { Taint } from './taint.ts';

export type Field = 'args' | 'kwargs' | 'result' | 'exception' | 'traceback' | 'name' | 'log';

/** `drop` leaves nothing, `redact` hides secrets, `shape` leaves brackets, keys and kinds of values only. */
export type Mode = 'drop' | 'redact' | 'shape';

export interface RedactOptions extends KeyVocabulary {
  readonly modes: Readonly<Record<Field, Mode>>;
  /** Told what was hidden, for counting; never the value. */
  readonly onRedacted?: (field: Field, kind: string, count: number) => void;
  readonly onFailed?: (field: Field, reason: string) => void;
}

/** Results are of the least use and the most risk, so they stay where they are. */
export const defaultRedactOptions: RedactOptions = {
  modes: { args: 'redact', kwargs: 'redact', result: 'drop', exception: 'redact', traceback: 'redact', name: 'redact', log: 'redact' },
  sensitiveKeys: [],
  safeKeys: [],
};

export interface Redactor {
  redact(event: Event<Untrusted>): Event<Redacted>;
  /** A text that belongs to no task. */
  redactText(field: Field, text: string): Redacted;
}

/** Longest text that is read, in characters. Celery itself cuts arguments at about a thousand, exceptions not at all. */
const charsMax: Readonly<Record<Field, number>> = {
  args: 16_384,
  kwargs: 16_384,
  result: 16_384,
  exception: 65_536,
  traceback: 262_144,
  name: 1_024,
  log: 65_536,
};
const failed = '[dropped: redaction failed]' as Redacted;
const namesMax = 10_000;

export function createRedactor(options: RedactOptions): Redactor {
  const judge = createKeyJudge(options);
  const taint = new Taint();
  const names = new Map<string, Redacted>();

  function clean(field: Field, text: string, id: TaskId | undefined): Redacted | undefined {
    const mode = options.modes[field];
    if (mode === 'drop') return undefined;
    if (isInnocent(text)) return text as Redacted;
    try {
      const readable = printable(cut(text, field));
      if (mode === 'shape') return shapeOf(readable) as Redacted;
      const found = scan(readable, { judge, isTraceback: field === 'traceback' });
      if (id !== undefined) taint.note(id, valuesOf(readable, found));
      const places = [...found, ...echoesOf(readable, found, id === undefined ? [] : taint.of(id))];
      const kept = field === 'traceback' ? outsideFrames(readable, places) : places;
      if (kept.length === 0) return readable as Redacted;
      return replaced(readable, kept, (kind, count) => options.onRedacted?.(field, kind, count)) as Redacted;
    } catch (error) {
      options.onFailed?.(field, error instanceof Error ? error.name : 'unknown');
      return failed;
    }
  }

  function name(text: string): Redacted {
    const known = names.get(text);
    if (known !== undefined) return known;
    const cleaned = clean('name', text, undefined) ?? failed;
    if (names.size >= namesMax) names.clear();
    names.set(text, cleaned);
    return cleaned;
  }

  const open = (field: Field, box: Untrusted | undefined, id: TaskId): Redacted | undefined =>
    box === undefined ? undefined : field === 'name' ? name(box.reveal()) : clean(field, box.reveal(), id);

  function redactTask(event: TaskEvent<Untrusted>): TaskEvent<Redacted> {
    const { id } = event;
    switch (event.type) {
      case 'task-sent':
      case 'task-received':
        return {
          ...event,
          name: open('name', event.name, id),
          args: open('args', event.args, id),
          kwargs: open('kwargs', event.kwargs, id),
        };
      case 'task-failed': {
        const exception = open('exception', event.exception, id);
        return { ...event, exception, traceback: open('traceback', event.traceback, id) };
      }
      case 'task-retried':
        return { ...event, exception: open('exception', event.exception, id), traceback: open('traceback', event.traceback, id) };
      case 'task-succeeded': {
        const result = open('result', event.result, id);
        taint.forget(id);
        return { ...event, result };
      }
      default:
        return event;
    }
  }

  return {
    redact(event) {
      return 'id' in event ? redactTask(event) : event;
    },
    redactText: (field, text) => clean(field, text, undefined) ?? failed,
  };
}

/** Brackets, digits and spaces alone: `()`, `{}`, `(1001, 2)`. Long runs of digits may be a card. */
function isInnocent(text: string): boolean {
  if (text.length > 64) return false;
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const isDigit = code >= 48 && code <= 57;
    if (isDigit) digits += 1;
    else if (!' (),[]{}'.includes(text[index] as string)) return false;
    else if (code === 44) digits = 0;
    if (digits > 11) return false;
  }
  return true;
}

const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
const unprintables = new RegExp(unprintable.source, 'g');

function printable(text: string): string {
  const formed = text.isWellFormed() ? text : text.toWellFormed();
  const unified = formed.includes('\r\n') ? formed.replaceAll('\r\n', '\n') : formed;
  return unprintable.test(unified) ? unified.replace(unprintables, '�') : unified;
}

/** The first line and the last exception tell most, so the middle goes; the word that a cut went through goes with it. */
function cut(text: string, field: Field): string {
  const most = charsMax[field];
  if (text.length <= most) return text;
  if (field !== 'traceback') return `${text.slice(0, most).replace(/[^\s,]{0,256}$/, '')}...`;
  const head = text.slice(0, most / 4).replace(/[^\n]{0,4096}$/, '');
  const tail = text.slice(-(most / 2)).replace(/^[^\n]{0,4096}\n/, '');
  return `${head}  [cut: ${text.length - head.length - tail.length} characters]\n${tail}`;
}

const echoKinds = new Set(['password', 'token', 'key', 'secret', 'cookie', 'jwt', 'hash', 'card', 'iban']);

function valuesOf(text: string, found: readonly Found[]): string[] {
  return found.filter(({ kind }) => echoKinds.has(kind)).map(({ from, to }) => text.slice(from, to));
}

/** Where the same values stand again, without a name beside them. */
function echoesOf(text: string, found: readonly Found[], known: Iterable<string>): Found[] {
  const values = new Set([...known, ...valuesOf(text, found).filter((value) => value.length >= 6 && !/^(?:[a-z]+|\d{1,8})$/.test(value))]);
  const echoes: Found[] = [];
  for (const value of [...values].slice(0, 128)) {
    for (const form of new Set([value, encodeURIComponent(value.toWellFormed())])) {
      for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + form.length)) {
        echoes.push({ from: at, to: at + form.length, kind: 'secret' });
      }
    }
  }
  return echoes;
}

/** The lines that name a frame are the skeleton of a traceback: paths and function names, never values. */
function outsideFrames(text: string, found: readonly Found[]): Found[] {
  return found.filter(({ from, kind }) => {
    if (kind !== 'email' && kind !== 'token' && kind !== 'secret') return true;
    const start = text.lastIndexOf('\n', from) + 1;
    return !/^[\s|+-]*File "/.test(text.slice(start, start + 40));
  });
}

function replaced(text: string, found: readonly Found[], count: (kind: string, count: number) => void): string {
  const places = [...found].sort((a, b) => a.from - b.from || b.to - a.to);
  const counts = new Map<string, number>();
  let out = '';
  let at = 0;
  for (const { from, to, kind } of places) {
    if (to <= at) continue;
    // Overlapping places are one secret: what sticks out is hidden with it, without a second mark.
    if (from >= at) {
      out += `${text.slice(at, from)}[redacted:${kind}]`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    at = to;
  }
  for (const [kind, times] of counts) count(kind, times);
  return out + text.slice(at);
}

/**
 * Untrusted → Redacted: decides which treatment each field of an event gets. The only room that opens the box. Depends on
 * nothing but the events, including the secrets that earlier events of the same task contained.
 */
import type { TaskId } from '../event/ids.ts';
import type { Event, TaskEvent, TaskResult } from '../event/task-event.ts';
import { type Redacted, redactedText, type Untrusted } from '../event/untrusted.ts';
import { BoundedMap } from '../runtime/bounded-map.ts';
import { scanText } from './detect/scan-text.ts';
import type { Field } from './field.ts';
import { digestOf } from './message-digest.ts';
import { KeyNames } from './names/key-names.ts';
import { OperatorDetector } from './operator-rules.ts';
import type { RedactOptions } from './options.ts';
import { Profiles } from './profiles.ts';
import { PublicationCache, type RedactedArguments } from './publication-cache.ts';
import { Taint } from './taint.ts';
import type { Match } from './text/match.ts';
import { tracebackParts } from './text/traceback-parts.ts';
import { TextRedactor } from './text-redactor.ts';

export interface Redactor {
  redact(event: Event<Untrusted>): Event<Redacted>;
  /** Redacts a text that belongs to no task. */
  redactText(field: Field, text: string): Redacted;
}

/** Names of tasks come from code, so there are few of them. */
const namesMax = 10_000;

const dropped = redactedText`[dropped]`;

/** `taint` holds the secrets of open tasks. It passes to the next redactor when options change during a run. */
export function createRedactor(options: RedactOptions, taint: Taint = new Taint()): Redactor {
  return new EventRedactor(options, taint);
}

type PublishedEvent = Extract<TaskEvent<Untrusted>, { args: unknown }>;
type FailureTexts<Text> = { readonly exception: Text | undefined; readonly traceback: Text | undefined };

class EventRedactor implements Redactor {
  readonly #options: RedactOptions;
  readonly #taint: Taint;
  readonly #profiles: Profiles;
  readonly #texts: TextRedactor;
  readonly #names = new BoundedMap<string, Redacted>({ itemsMax: namesMax });
  readonly #publications = new PublicationCache();

  constructor(options: RedactOptions, taint: Taint) {
    const names = new KeyNames(options);
    this.#options = options;
    this.#taint = taint;
    this.#profiles = new Profiles(options.modes, options.profiles ?? []);
    this.#texts = new TextRedactor({
      options,
      names,
      taint,
      operator: new OperatorDetector(options),
      detect: (field, text, found) => detectSecrets(names, { field, text, found }),
    });
  }

  redact(event: Event<Untrusted>): Event<Redacted> {
    if (event.type === 'task-result') return this.#redactResult(event);
    return 'id' in event ? this.#redactTask(event) : event;
  }

  redactText(field: Field, text: string): Redacted {
    return this.#texts.redact({ field, text, id: undefined }, this.#options.modes[field]) ?? dropped;
  }

  #redactTask(event: TaskEvent<Untrusted>): TaskEvent<Redacted> {
    const { id } = event;
    switch (event.type) {
      case 'task-sent':
        return { ...event, name: this.#redactName(event.name), ...this.#redactArguments(event) };
      case 'task-received': {
        // A recording has the digest of the raw message.
        const digest = event.digest ?? digestOf(event);
        return { ...event, name: this.#redactName(event.name), ...this.#redactArguments(event), digest };
      }
      case 'task-failed':
      case 'task-retried': {
        const texts = this.#redactFailure(id, event);
        if (event.type === 'task-failed') this.#forget(id);
        return { ...event, ...texts };
      }
      case 'task-succeeded': {
        const result = this.#open('result', event.result, id);
        this.#forget(id);
        return { ...event, result };
      }
      case 'task-rejected':
      case 'task-revoked':
        this.#forget(id);
        return event;
      case 'task-started':
      case 'task-cancelled':
        return event;
      default:
        return event satisfies never;
    }
  }

  /** The secrets of the task stay known: its last event may follow the result. */
  #redactResult(result: TaskResult<Untrusted>): TaskResult<Redacted> {
    if (result.name !== undefined) this.#profiles.setName(result.id, result.name.reveal());
    const texts = this.#redactFailure(result.id, result);
    return { ...result, name: this.#redactName(result.name), ...texts };
  }

  /** Reads both texts before one is shown, because one may echo a secret that only the other one names. */
  #redactFailure(id: TaskId, { exception, traceback }: FailureTexts<Untrusted>): FailureTexts<Redacted> {
    if (exception !== undefined && traceback !== undefined)
      this.#texts.learn({ field: 'exception', text: exception.reveal(), id });
    const redactedTraceback = this.#open('traceback', traceback, id);
    return { exception: this.#open('exception', exception, id), traceback: redactedTraceback };
  }

  #redactArguments(event: PublishedEvent): RedactedArguments {
    const { id, name, args, kwargs } = event;
    if (name !== undefined) this.#profiles.setName(id, name.reveal());
    const raw = { args: args?.reveal(), kwargs: kwargs?.reveal() };
    const known = this.#publications.take(id, { ...raw, secretCount: this.#taint.countOf(id) });
    if (known !== undefined) return known;
    const redacted = { args: this.#open('args', args, id), kwargs: this.#open('kwargs', kwargs, id) };
    this.#publications.add(id, { ...raw, secretCount: this.#taint.countOf(id) }, redacted);
    return redacted;
  }

  #redactName(box: Untrusted | undefined): Redacted | undefined {
    if (box === undefined) return undefined;
    const text = box.reveal();
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name = this.redactText('name', text);
    this.#names.set(text, name);
    return name;
  }

  #open(field: Field, box: Untrusted | undefined, id: TaskId): Redacted | undefined {
    return box === undefined
      ? undefined
      : this.#texts.redact({ field, text: box.reveal(), id }, this.#profiles.modesOf(id)[field]);
  }

  #forget(id: TaskId): void {
    this.#taint.forget(id);
    this.#profiles.forget(id);
  }
}

interface DetectInput {
  readonly field: Field;
  readonly text: string;
  readonly found: Match[];
}

function detectSecrets(names: KeyNames, { field, text, found }: DetectInput): void {
  const whole = { context: 'text', from: 0, to: text.length } as const;
  for (const { context, from, to } of field === 'traceback' ? tracebackParts(text) : [whole]) {
    scanText({ text, names, context, found, start: from, to });
  }
}

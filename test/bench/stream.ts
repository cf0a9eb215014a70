/**
 * Celery traffic as Redis carries it, made up: the envelopes, batches, sizes and outcomes of a busy fleet, from a seed, in
 * the order of time and at a steady rate on the speakers' clocks. Lazy, so that millions of tasks need no memory.
 */
import { envelopeOf, pythonJson } from './envelope.ts';
import {
  endedAs,
  heartbeatOf,
  outcomeOf,
  receivedOf,
  type Speech,
  sentOf,
  startedOf,
  type TaskSpec,
  taskNames,
} from './speech.ts';

export interface Published {
  /** Epoch milliseconds on the speaker's clock. */
  readonly at: number;
  readonly channel: string;
  readonly payload: string;
  /** Events in the message. */
  readonly events: number;
}

export interface StreamOptions {
  readonly tasks: number;
  readonly seed: number;
  /** Epoch milliseconds of the first event. */
  readonly from: number;
  readonly tasksPerSecond: number;
  /** Tasks are sent, received and started, and never end. */
  readonly isOpen?: boolean;
}

export const hosts: readonly string[] = Array.from({ length: 20 }, (_, index) => `depot-${index}`);

/** Tasks are made for one interval of this length at a time; their later events wait in a list. */
const windowMs = 100;
const heartbeatMs = 2_000;

export function* streamOf(options: StreamOptions): Generator<Published> {
  const random = createRandom(options.seed);
  const perWindow = Math.max(1, Math.round((options.tasksPerSecond * windowMs) / 1_000));
  const batches = new Map<string, { most: number; said: Speech[] }>();
  const waiting: Speech[] = [];
  let parent: string | undefined;
  let made = 0;
  for (let window = 0; made < options.tasks || waiting.length > 0; window += 1) {
    const from = options.from + window * windowMs;
    if ((window * windowMs) % heartbeatMs === 0) {
      for (const [index, host] of hosts.entries()) waiting.push(heartbeatOf(`w@${host}`, from + index, made));
    }
    for (let step = 0; step < perWindow && made < options.tasks; step += 1) {
      const id = uuidOf(random);
      // One task in six was sent by another one.
      const isChild = parent !== undefined && random() < 1 / 6;
      const spec: TaskSpec = {
        id,
        root: isChild ? (parent as string) : id,
        parent: isChild ? (parent as string) : null,
        name: taskNames[Math.floor(random() * taskNames.length)] as string,
        hostname: `w@${hosts[Math.floor(random() * hosts.length)]}`,
        at: from + (step * windowMs) / perWindow,
        index: made,
      };
      if (!isChild) parent = id;
      waiting.push(...lifeOf(spec, random, options.isOpen === true));
      made += 1;
    }
    const until = made < options.tasks ? from + windowMs : Number.POSITIVE_INFINITY;
    waiting.sort((a, b) => a.at - b.at);
    const later = waiting.findIndex(({ at }) => at >= until);
    for (const speech of waiting.splice(0, later < 0 ? waiting.length : later)) yield* written(speech, batches, random);
    for (const [hostname, { said }] of batches) {
      if (said.length > 0) yield messageOf('task.multi', hostname, said.splice(0), random);
    }
  }
}

/** A worker gathers the events of its tasks; all else goes at once and alone. */
function* written(
  speech: Speech,
  batches: Map<string, { most: number; said: Speech[] }>,
  random: () => number,
): Generator<Published> {
  if (speech.group !== 'task.multi') {
    yield messageOf(speech.group, speech.hostname, [speech], random);
    return;
  }
  const batch = batches.get(speech.hostname) ?? { most: 1, said: [] };
  batches.set(speech.hostname, batch);
  batch.said.push(speech);
  if (batch.said.length < batch.most) return;
  yield messageOf('task.multi', speech.hostname, batch.said.splice(0), random);
  const dice = random();
  batch.most = dice < 0.34 ? 1 : dice < 0.76 ? 2 : 3;
}

function messageOf(key: string, hostname: string, said: readonly Speech[], random: () => number): Published {
  const bodies = said.map(({ body }) => body);
  const body = pythonJson(key === 'task.multi' ? bodies : bodies[0]);
  const payload = envelopeOf(key, hostname, body, uuidOf(random));
  return { at: said.at(-1)?.at ?? 0, channel: `/0.celeryev/${key}`, payload, events: said.length };
}

/** Some four events: 92 % succeed, 5 % fail, 3 % are tried again and succeed then. */
function lifeOf(spec: TaskSpec, random: () => number, isOpen: boolean): Speech[] {
  const wait = 1 + random() * 20;
  const work = 5 + random() * 200;
  const begun = [sentOf(spec, 0, 0), receivedOf(spec, 0, wait), startedOf(spec, wait + 1)];
  if (isOpen) return begun;
  const outcome = outcomeOf(random());
  const end = wait + 1 + work;
  if (outcome !== 'retried') return [...begun, endedAs(outcome, spec, end, work)];
  const again = end + 1_000;
  return [
    ...begun,
    endedAs('retried', spec, end, work),
    sentOf(spec, 1, end - 1),
    receivedOf(spec, 1, end + 2),
    startedOf(spec, again),
    endedAs('succeeded', spec, again + work, work),
  ];
}

export function uuidOf(random: () => number): string {
  const part = (digits: number): string =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return `${part(8)}-${part(4)}-4${part(3)}-a${part(3)}-${part(8)}${part(4)}`;
}

/** Mulberry32: small, seeded, even enough. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mix = Math.imul(state ^ (state >>> 15), 1 | state);
    mix = (mix + Math.imul(mix ^ (mix >>> 7), 61 | mix)) ^ mix;
    return ((mix ^ (mix >>> 14)) >>> 0) / 4_294_967_296;
  };
}

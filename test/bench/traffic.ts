/** The stream that a process of the bench runs on, as passed on the command line. */
import { type RecordedOptions, recordedStream } from './recorded.ts';
import { type Published, type StreamOptions, streamOf } from './stream.ts';

export type Traffic =
  | ({ readonly kind: 'generated' } & StreamOptions)
  | ({ readonly kind: 'recorded' } & RecordedOptions);

export function trafficOf(traffic: Traffic): Iterable<Published> {
  return traffic.kind === 'generated' ? streamOf(traffic) : recordedStream(traffic);
}

export interface Count {
  readonly messages: number;
  readonly events: number;
  /** Without those of workers about themselves. */
  readonly taskEvents: number;
}

export function countOf(traffic: Traffic): Count {
  let messages = 0;
  let events = 0;
  let taskEvents = 0;
  for (const message of trafficOf(traffic)) {
    messages += 1;
    events += message.events;
    if (!message.channel.includes('/worker.')) taskEvents += message.events;
  }
  return { messages, events, taskEvents };
}

export function sumOf(counts: readonly Count[]): Count {
  const sum = (of: (count: Count) => number): number => counts.reduce((total, count) => total + of(count), 0);
  return {
    messages: sum(({ messages }) => messages),
    events: sum(({ events }) => events),
    taskEvents: sum(({ taskEvents }) => taskEvents),
  };
}

/** Open work of several brokers as one text, for the instance that takes over a host. */
import type { Millis } from '../event/ids.ts';
import type { HandOverGap } from '../fleet/takeover.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Report } from '../report.ts';
import type { Gap } from '../source/source.ts';

/** Limit of the store for one instance, less room for the frame around the text, and for text that is no ASCII. */
const savedCharsMax = 400_000;

export interface HandoverBroker {
  readonly name: string;
  readonly lifecycle: Pick<Lifecycle, 'save' | 'restore' | 'release'>;
  readonly pipeline: { gap(gap: Gap): void };
}

export interface WorkHandover {
  /** Open work of all hosts of this instance; '' if there is none. */
  snapshot(): string;
  /** Adds the open work of another instance. */
  restore(open: string): void;
  /** Removes the open work of one host and returns it; '' if there is none. */
  handBack(host: string): string;
  /** Records the interval in which no instance listened to a host. */
  onHandOver(gap: HandOverGap): void;
}

/** The text is a JSON array with one entry per broker, in the order of the configuration. */
export function createWorkHandover(
  brokers: readonly HandoverBroker[],
  { now, report }: { readonly now: () => Millis; readonly report: Report },
): WorkHandover {
  let wasCut = false;
  const save = (isIncluded?: (hostname: string) => boolean): string => {
    const saved = brokers.map(({ lifecycle }) => lifecycle.save(savedCharsMax / brokers.length, isIncluded));
    const texts = saved.map(({ text }) => text);
    const isCut = saved.some((work) => work.isCut);
    if (isCut && !wasCut) report({ kind: 'items-dropped', queue: 'saved-tasks', reason: 'full', count: 1 });
    wasCut = isCut;
    return texts.every((text) => text === '') ? '' : JSON.stringify(texts);
  };
  return {
    snapshot: () => save(),
    restore(open) {
      const texts = JSON.parse(open) as string[];
      for (const [index, text] of texts.entries()) brokers[index]?.lifecycle.restore(text, now());
    },
    handBack(host) {
      const text = save(isOn(host));
      for (const { lifecycle } of brokers) lifecycle.release(isOn(host));
      return text;
    },
    onHandOver({ host: _, ...gap }) {
      for (const { name, pipeline } of brokers) pipeline.gap({ ...gap, source: name });
    },
  };
}

function isOn(host: string): (hostname: string) => boolean {
  return (hostname) => hostname.slice(hostname.indexOf('@') + 1) === host;
}

/** Performance bars as ratios within one run, and whether the run met them. */

export interface Bar {
  readonly name: string;
  readonly ratio: number;
  readonly bar: string;
  readonly holds: boolean;
}

/** `of` answers the median of a consumer over Redis in µs per event, or undefined when it was not measured. */
export function barsOf(of: (name: string) => number | undefined): Bar[] {
  return [
    atMost('full/noop', of('full'), of('noop'), 1),
    atMost('decodeLifecycle/noop', of('lifecycle'), of('noop'), 1 / 3),
    atMost('foreign/noop', of('foreign'), of('noop'), 1 / 20),
    atLeast('state/full', of('state'), of('full'), 2),
    atLeast('exporter/full', of('exporter'), of('full'), 4),
    atLeast('flower/full', of('flower'), of('full'), 6),
  ].filter((bar) => bar !== undefined);
}

function atMost(name: string, above: number | undefined, below: number | undefined, most: number): Bar | undefined {
  if (above === undefined || below === undefined) return undefined;
  return { name, ratio: rounded(above / below), bar: `<= ${rounded(most)}`, holds: above / below <= most };
}

function atLeast(name: string, above: number | undefined, below: number | undefined, least: number): Bar | undefined {
  if (above === undefined || below === undefined) return undefined;
  return { name, ratio: rounded(above / below), bar: `>= ${least}`, holds: above / below >= least };
}

/** The same of a figure that is at hand. */
export function atLeastBar(name: string, value: number, least: number): Bar {
  return { name, ratio: rounded(value), bar: `>= ${least}`, holds: value >= least };
}

export function atMostBar(name: string, value: number, most: number): Bar {
  return { name, ratio: rounded(value), bar: `<= ${most}`, holds: value <= most };
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

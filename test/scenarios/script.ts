/** A scenario's text → its steps. The language is described in README.md beside this file; errors name the line. */
import assert from 'node:assert/strict';
import type { Policy } from '../../src/alert/policy.ts';
import { loadConfig } from '../../src/config/load.ts';
import { policyOf } from '../../src/config/policy/policy.ts';
import { problemLine } from '../../src/config/problems.ts';
import { durationPattern } from '../../src/config/values/duration.ts';

export interface Script {
  readonly startAt: number;
  readonly replicas: number;
  /** Length of the baseline before the start. */
  readonly watchedMs: number;
  readonly workers: readonly string[];
  /** Attempts of each of these tasks in the baseline. */
  readonly baselines: readonly { readonly task: string; readonly perHour: number }[];
  readonly policy: Policy;
  readonly steps: readonly Step[];
}

/** Something that happens, at times counted from the start, and what should come of it until the next step. */
export interface Step {
  readonly place: string;
  readonly times: readonly number[];
  readonly action: Action;
  /** Notifications in order: `opened failures.new`. */
  readonly notified: readonly string[];
  /** Reasons of suppressed notifications. */
  readonly suppressed: readonly string[];
  readonly checks: readonly { readonly place: string; readonly words: string }[];
}

export type Action =
  | { readonly what: 'pass' }
  | {
      readonly what: 'runs';
      readonly count: number;
      readonly end: RunEnd;
      readonly task: string;
      readonly exception: string;
      readonly words: string;
      readonly host: string | undefined;
      readonly queue: string | undefined;
    }
  | { readonly what: 'finish'; readonly task: string }
  | { readonly what: 'redelivered'; readonly task: string; readonly host: string | undefined }
  | { readonly what: 'worker'; readonly host: string; readonly change: 'online' | 'offline' | 'silent' }
  | { readonly what: 'all-silent'; readonly isSilent: boolean }
  | { readonly what: 'depth'; readonly queue: string; readonly length: number }
  | { readonly what: 'deploy'; readonly version: string; readonly pools: readonly string[] }
  | { readonly what: 'press'; readonly button: 'ack' | 'resolve' | 'archive'; readonly by: string }
  | { readonly what: 'snooze'; readonly until: number; readonly by: string }
  | { readonly what: 'silence'; readonly task: string; readonly until: number; readonly by: string }
  | { readonly what: 'slack'; readonly isUnreachable: boolean }
  | { readonly what: 'policy'; readonly policy: Policy };

export type RunEnd = 'success' | 'failure' | 'retry' | 'death' | 'none';

/** 10:00 on a Tuesday, UTC. */
const tuesday = Date.UTC(2026, 10, 24, 10);

/** Throws AssertionError that names `file:line`. */
export function parseScript(text: string, file: string): Script {
  const lines = text.split('\n');
  const script = {
    startAt: tuesday,
    replicas: 1,
    watchedMs: 86_400_000,
    workers: ['celery@worker-1'],
    baselines: [] as { task: string; perHour: number }[],
  };
  const steps: (Step & { checks: { place: string; words: string }[] })[] = [];
  let policy: Policy | undefined;
  for (let index = 0; index < lines.length; index += 1) {
    const line = (lines[index] ?? '').replace(/(^|\s)# .*$|^#.*$/, '').trimEnd();
    const place = `${file}:${index + 1}`;
    if (line.trim() === '') continue;
    const [word = '', ...rest] = line.trim().split(/\s+/);
    const indented = (): string => {
      let end = index + 1;
      while (end < lines.length && /^\s+\S|^$/.test(lines[end] ?? '')) end += 1;
      const block = lines.slice(index + 1, end).join('\n');
      const first = index + 1;
      index = end - 1;
      return `${'\n'.repeat(first)}${block}`;
    };
    if (word === 'policy') policy = readPolicy(indented(), file);
    else if (word === 'start') script.startAt = instant(rest.join(' '), place);
    else if (word === 'replicas') script.replicas = Number(rest[0]);
    else if (word === 'watched') script.watchedMs = millis(rest.at(-1), place);
    else if (word === 'workers') script.workers = rest;
    else if (word === 'baseline') script.baselines.push(baselineOf(line, place));
    else if (word === 'at' || word === 'every') {
      const step = readStep(line.trim(), place, script.startAt);
      steps.push(
        step.isReload ? { ...step.step, action: { what: 'policy', policy: readPolicy(indented(), file) } } : step.step,
      );
    } else {
      const last = steps.at(-1);
      assert.ok(
        last !== undefined,
        `${place}: expected "policy", "start", "workers", "replicas", "watched", "baseline", "at" or "every"`,
      );
      last.checks.push({ place, words: line.trim() });
    }
  }
  for (const [index, step] of steps.entries())
    assert.ok(
      index === 0 || (steps[index - 1]?.times[0] ?? 0) <= (step.times[0] ?? 0),
      `${step.place}: time goes forward`,
    );
  return { ...script, policy: policy ?? readPolicy('', file), steps };
}

function baselineOf(line: string, place: string): { task: string; perHour: number } {
  const [, perHour, task] = /^baseline (\d+) attempts an hour of (\S+)$/.exec(line.trim()) ?? [];
  assert.ok(perHour !== undefined && task !== undefined, `${place}: expected "baseline N attempts an hour of TASK"`);
  return { task, perHour: Number(perHour) };
}

/** The real configuration, by its own reader: the file's own lines where the scenario has none. */
function readPolicy(text: string, file: string): Policy {
  const indent = /^( +)\S/m.exec(text)?.[1] ?? '';
  const lacks = (key: string): boolean => !new RegExp(`^ *${key}:`, 'm').test(text);
  const own = [
    ...(lacks('broker') ? [`${indent}broker: redis://scenario/0`] : []),
    ...(lacks('slack') ? [`${indent}slack: { channel: "#alerts" }`] : []),
  ];
  const loaded = loadConfig({
    text: [text, ...own, ''].join('\n'),
    file,
    env: { SLACK_BOT_TOKEN: 'xoxb-1-scenario' },
    hostname: 'scenario',
    readFile: () => '',
    withoutSecrets: true,
  });
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.problems.map(problemLine).join('\n'));
  return policyOf(loaded.config);
}

function readStep(line: string, place: string, startAt: number): { step: Step & { checks: [] }; isReload: boolean } {
  const [before = '', wanted] = line.split(/\s+->\s+/);
  const every = /^every (\S+) from (\S+) until (\S+)\s+(.+)$/.exec(before);
  const once = /^at (\S+)\s+(.+)$/.exec(before);
  assert.ok(
    every !== null || once !== null,
    `${place}: expected "at TIME ACTION" or "every D from TIME until TIME ACTION"`,
  );
  const action = (every?.[4] ?? once?.[2] ?? '').trim();
  const isReload = action === 'reload';
  return {
    step: {
      place,
      times:
        every === null
          ? [millis(once?.[1], place)]
          : series(
              every.slice(1, 4).map((one) => millis(one, place)),
              place,
            ),
      action: isReload ? { what: 'pass' } : readAction(action, place, startAt),
      ...wantedOf(wanted, place),
      checks: [],
    },
    isReload,
  };
}

function series([step = 0, from = 0, until = 0]: number[], place: string): number[] {
  assert.ok(step > 0 && until >= from, `${place}: expected "every D from TIME until TIME", forward`);
  return Array.from({ length: Math.floor((until - from) / step) + 1 }, (_, index) => from + index * step);
}

/** `nothing (below-threshold)`, `opened failures.new, not inhibited`; nothing written is `nothing`. */
function wantedOf(text: string | undefined, place: string): Pick<Step, 'notified' | 'suppressed'> {
  const notified: string[] = [];
  const suppressed: string[] = [];
  for (const part of (text ?? 'nothing').split(/,\s*(?![^(]*\))/)) {
    const nothing = /^nothing(?: \((.+)\))?$/.exec(part);
    if (nothing !== null) suppressed.push(...(nothing[1]?.split(/,\s*/) ?? []));
    else if (part.startsWith('not ')) suppressed.push(part.slice(4));
    else {
      assert.match(
        part,
        /^[a-z-]+( [a-z.-]+)?( x\d+)?$/,
        `${place}: expected "opened failures.new", "nothing (reason)" or "not reason"`,
      );
      const [, words = '', times] = /^(.+?)(?: x(\d+))?$/.exec(part) ?? [];
      notified.push(...Array.from({ length: Number(times ?? 1) }, () => words));
    }
  }
  return { notified, suppressed };
}

const run =
  /^(\d+)?\s*(success(?:es)?|failures?|retr(?:y|ies)|deaths?|starts?) of (\S+)(?: ([A-Z]\w*)(?:: (.+?))?)?(?: on (\S+))?(?: from (\S+))?$/;

function readAction(text: string, place: string, startAt: number): Action {
  const found = run.exec(text);
  if (found !== null) {
    const [, count, kind = '', task = '', exception, words, host, queue] = found;
    return {
      what: 'runs',
      count: Number(count ?? 1),
      end: endOf(kind),
      task,
      exception: exception ?? 'KeyError',
      words: words ?? 'it is not there',
      host,
      queue,
    };
  }
  const of = (pattern: RegExp): string[] | undefined => pattern.exec(text)?.slice(1);
  const match = {
    finish: of(/^attempts of (\S+) end$/),
    redelivered: of(/^message of (\S+) is redelivered(?: on (\S+))?$/),
    worker: of(/^worker (\S+) (?:goes |comes )?(online|offline|silent)$/),
    depth: of(/^queue (\S+) holds (\d+)$/),
    deploy: of(/^deploy (\S+)(?: of (\S+))?$/),
    press: of(/^(ack|resolve|archive) by (\S+)$/),
    snooze: of(/^snooze until (\S+) by (\S+)$/),
    silence: of(/^silence (\S+) until (\S+) by (\S+)$/),
  };
  if (text === 'time passes') return { what: 'pass' };
  if (text === 'events stop' || text === 'events resume')
    return { what: 'all-silent', isSilent: text === 'events stop' };
  if (text === 'slack fails' || text === 'slack recovers')
    return { what: 'slack', isUnreachable: text === 'slack fails' };
  if (match.finish) return { what: 'finish', task: match.finish[0]! };
  if (match.redelivered) return { what: 'redelivered', task: match.redelivered[0]!, host: match.redelivered[1] };
  if (match.worker) return { what: 'worker', host: match.worker[0]!, change: match.worker[1] as 'online' };
  if (match.depth) return { what: 'depth', queue: match.depth[0]!, length: Number(match.depth[1]) };
  if (match.deploy)
    return { what: 'deploy', version: match.deploy[0]!, pools: match.deploy[1] === undefined ? [] : [match.deploy[1]] };
  if (match.press) return { what: 'press', button: match.press[0] as 'ack', by: match.press[1]! };
  if (match.snooze) return { what: 'snooze', until: startAt + millis(match.snooze[0], place), by: match.snooze[1]! };
  if (match.silence)
    return {
      what: 'silence',
      task: match.silence[0]!,
      until: startAt + millis(match.silence[1], place),
      by: match.silence[2]!,
    };
  assert.fail(`${place}: expected an action such as "3 failures of a.b KeyError", got "${text}"`);
}

function endOf(kind: string): RunEnd {
  if (kind.startsWith('succ')) return 'success';
  if (kind.startsWith('fail')) return 'failure';
  if (kind.startsWith('retr')) return 'retry';
  return kind.startsWith('death') ? 'death' : 'none';
}

/** `1h10m`, `90s`. */
function millis(text: string | undefined, place: string): number {
  const parts = (text ?? '').match(/[\d.]+[a-z]+/g) ?? [];
  assert.ok(
    text !== undefined && parts.join('') === text && text !== '',
    `${place}: expected a time like 1h10m, got "${text}"`,
  );
  return parts.reduce((sum, part) => {
    const [, amount, unit = ''] = durationPattern.exec(part) ?? [];
    assert.ok(amount !== undefined, `${place}: expected a time like 1h10m, got "${text}"`);
    return sum + Number(amount) * ({ ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit] ?? Number.NaN);
  }, 0);
}

/** `2026-11-24 10:00`, UTC. */
function instant(text: string, place: string): number {
  const at = Date.parse(`${text.replace(' ', 'T')}Z`);
  assert.ok(Number.isFinite(at), `${place}: expected a time like "2026-11-24 10:00" (UTC), got "${text}"`);
  return at;
}

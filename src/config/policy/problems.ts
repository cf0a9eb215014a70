/**
 * Problems of the noise policy that no single value shows: entries that never apply, undefined names, contradictions.
 * Reads the written values, not the output of the schema, so that all problems are reported at once; values that the
 * schema refuses are skipped here.
 */

import { defaultThresholds } from '../../alert/signals/registry.ts';
import { coversSome } from '../../event/glob.ts';
import type { Path } from '../document.ts';
import { type ConfigDraft, type ConfigTrouble, isMapping } from '../draft/draft.ts';
import { closest } from '../values/closest.ts';
import { duration } from '../values/duration.ts';
import { channel, channelExpected, name, nameExpected } from '../values/names.ts';
import { noisePolicy } from './declarations.ts';
import { share, shareText } from './leaf.ts';
import { entriesOf, queueMatcherOf, taskMatcherOf, unreachable, writtenMatcher } from './unreachable.ts';

export function policyTroubles(draft: ConfigDraft): ConfigTrouble[] {
  return [
    ...unreachable(draft, 'tasks', taskMatcherOf),
    ...unreachable(draft, 'queues', queueMatcherOf),
    ...unreachable(draft, 'owners', ({ match }) => writtenMatcher(match)),
    ...muteTroubles(draft),
    ...criticalTroubles(draft),
    ...silenceTroubles(draft),
    ...budgetTroubles(draft),
    ...orderTroubles(draft),
    ...scheduleTroubles(draft),
  ];
}

function muteTroubles(draft: ConfigDraft): ConfigTrouble[] {
  const mutes = draft.valueAt(['alerts', 'mute']);
  const known = isMapping(mutes) ? Object.keys(mutes) : [];
  return [
    ...known.flatMap((one): ConfigTrouble[] => {
      const path = ['alerts', 'mute', one];
      if (one === 'always')
        return [{ path, message: 'expected another name, this one means for ever', isAboutKey: true }];
      return name.test(one) ? [] : [{ path, message: `expected ${nameExpected}`, isAboutKey: true }];
    }),
    ...(draft.isWritten(['alerts', 'timezone']) ? [] : known.flatMap((one) => zonelessOf(draft, one))),
    ...entriesOf(draft, ['alerts', 'tasks']).flatMap(({ entry, index }) =>
      muteNameTrouble(entry['mute'], ['alerts', 'tasks', index, 'mute'], [...known, 'always']),
    ),
    ...entriesOf(draft, ['alerts', 'owners']).flatMap(({ entry, index }) =>
      muteNameTrouble(entry['mute'], ['alerts', 'owners', index, 'mute'], known),
    ),
  ];
}

/** Mute hours need a time zone, because the default UTC is rarely the local time of a team. */
function zonelessOf(draft: ConfigDraft, one: string): ConfigTrouble[] {
  const message = 'expected a time zone like "Europe/Berlin", here or in alerts.timezone, got nothing';
  return entriesOf(draft, ['alerts', 'mute', one])
    .filter(({ entry }) => entry['timezone'] === undefined)
    .map(({ index }) => ({ path: ['alerts', 'mute', one, index, 'timezone'], message }));
}

function muteNameTrouble(value: unknown, path: Path, known: readonly string[]): ConfigTrouble[] {
  if (typeof value !== 'string' || !name.test(value) || known.includes(value)) return [];
  const meant = closest(value, known);
  const hint = known.length === 0 ? '' : meant === undefined ? `: ${known.join(', ')}` : `; did you mean ${meant}?`;
  return [{ path, message: `expected the name of mute hours under alerts.mute, got "${value}"${hint}` }];
}

/** A critical task is always notified, so an entry cannot lower its severity or mute it. */
function criticalTroubles(draft: ConfigDraft): ConfigTrouble[] {
  const listed = noisePolicy.critical.schema.safeParse(draft.values['critical']);
  const globs = listed.success ? listed.data : [];
  return entriesOf(draft, ['alerts', 'tasks']).flatMap(({ entry, index }): ConfigTrouble[] => {
    const own = taskMatcherOf(entry);
    const isListed = own?.tasks.every((glob) => coversSome(globs, glob));
    const path = ['alerts', 'tasks', index];
    const troubles: ConfigTrouble[] = [];
    if (isListed === true && entry['severity'] !== undefined && entry['severity'] !== 'critical') {
      const message = 'contradicts critical, which lists this task';
      troubles.push({ path: [...path, 'severity'], message });
    }
    if ((isListed === true || entry['severity'] === 'critical') && entry['mute'] === 'always') {
      const message = 'contradicts its severity: a critical task cannot be muted for ever';
      troubles.push({ path: [...path, 'mute'], message });
    }
    return troubles;
  });
}

function silenceTroubles(draft: ConfigDraft): ConfigTrouble[] {
  return entriesOf(draft, ['alerts', 'silences']).flatMap(({ entry, index }): ConfigTrouble[] =>
    isMapping(entry['match']) && Object.keys(entry['match']).length === 0
      ? [{ path: ['alerts', 'silences', index, 'match'], message: 'expected what to silence, this is everything' }]
      : [],
  );
}

function budgetTroubles(draft: ConfigDraft): ConfigTrouble[] {
  const budget = draft.valueAt(['alerts', 'budget']);
  if (!isMapping(budget)) return [];
  return Object.keys(budget)
    .filter((key) => key !== 'default' && !channel.test(key))
    .map((key) => ({
      path: ['alerts', 'budget', key],
      message: `expected "default" or ${channelExpected}`,
      isAboutKey: true,
    }));
}

/** Thresholds and intervals that must be in ascending order. */
function orderTroubles(draft: ConfigDraft): ConfigTrouble[] {
  const places: Path[] = [
    ['alerts', 'defaults', 'failure_rate'],
    ...entriesOf(draft, ['alerts', 'tasks']).map(({ index }): Path => ['alerts', 'tasks', index, 'failure_rate']),
  ];
  const base = draft.valueAt(['alerts', 'defaults', 'failure_rate']);
  const written = isMapping(base) ? base : {};
  const troubles = places.flatMap((path): ConfigTrouble[] => {
    const own = draft.valueAt(path);
    if (!isMapping(own)) return [];
    const over = shareOf(own['over'] ?? written['over']) ?? balanced('over');
    const clear = shareOf(own['clear'] ?? written['clear']) ?? balanced('clear');
    if (clear < over) return [];
    return [
      {
        path: [...path, own['clear'] === undefined ? 'over' : 'clear'],
        message: `expected clear below over, got ${shareText(clear)} and ${shareText(over)}`,
      },
    ];
  });
  return [...troubles, ...reminderTroubles(draft)];
}

function reminderTroubles(draft: ConfigDraft): ConfigTrouble[] {
  const reminders = draft.valueAt(['alerts', 'reminders']);
  const steps = Array.isArray(reminders) ? reminders.map(durationOf) : [];
  const index = steps.findIndex((ms, at) => at > 0 && ms !== undefined && ms <= (steps[at - 1] ?? 0));
  if (index < 0) return [];
  return [
    {
      path: ['alerts', 'reminders', index],
      message: 'expected more than the reminder before it, each counts from the opening',
    },
  ];
}

function scheduleTroubles(draft: ConfigDraft): ConfigTrouble[] {
  const taken = new Set<unknown>();
  return entriesOf(draft, ['schedules']).flatMap(({ entry, index }): ConfigTrouble[] => {
    const path = ['schedules', index];
    const troubles: ConfigTrouble[] = [];
    const isTimed = entry['every'] !== undefined;
    if (isTimed === (entry['crontab'] !== undefined)) {
      troubles.push({ path, message: `expected either every or crontab, got ${isTimed ? 'both' : 'neither'}` });
    }
    if (entry['offset'] !== undefined && !isTimed) {
      troubles.push({ path: [...path, 'offset'], message: 'expected it with every', isAboutKey: true });
    }
    if (entry['timezone'] !== undefined && entry['crontab'] === undefined) {
      troubles.push({ path: [...path, 'timezone'], message: 'expected it with crontab', isAboutKey: true });
    }
    const own = entry['name'] ?? entry['task'];
    if (own !== undefined && taken.has(own)) {
      const key = entry['name'] === undefined ? 'task' : 'name';
      troubles.push({ path: [...path, key], message: 'expected a name of its own, another one has it already' });
    }
    taken.add(own);
    return troubles;
  });
}

/** Default of `failure_rate`, the same in every profile. */
function balanced(field: 'over' | 'clear'): number {
  return Number(defaultThresholds('balanced')['failureRate']?.[field]);
}

const anyShare = share();
const anyDuration = duration(0, Number.MAX_SAFE_INTEGER);

function shareOf(raw: unknown): number | undefined {
  return anyShare.safeParse(raw).data;
}

function durationOf(raw: unknown): number | undefined {
  return anyDuration.safeParse(raw).data;
}

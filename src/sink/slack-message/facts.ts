/** The body of a root message between headline and links: state, counts and times, places, related conditions. */
import type { Incident, IncidentCondition } from '../../alert/incident.ts';
import type { Trend } from '../../alert/signal.ts';
import { actor, bold, bullets, code, date, type Inline, type RichTextPart, section, text, time } from './blocks.ts';
import { amountOf, capital, firstOf, measureOf, nameOf, proportionOf, wordsOf } from './signal-text.ts';
import { duration, listed, literal, tail } from './text.ts';

/** In characters. */
export const nameMax = 80;
// In items. The rest is shown as a number.
const tasksShown = 6;
const namesShown = 3;
const alsoShown = 4;

/** `isFirst`: the incident has no message yet. */
export function incidentBody(incident: Incident, isFirst: boolean): Inline[] {
  const isOver = incident.phase.name === 'resolved';
  return [
    ...lateNote(isOver && isFirst),
    ...incidentState(incident),
    ...(isOver ? resolvedFigures(incident) : openFigures(incident)),
    ...factsOf(incident),
  ];
}

/** While Slack is unreachable no messages queue up: an incident that starts and ends meanwhile is posted once, with this note. */
function lateNote(isLate: boolean): Inline[] {
  return isLate ? [text('⏱️ Resolved before it could be posted here\n')] : [];
}

/** The incident's state, one line each with a line break; empty for an open incident without changes. */
export function incidentState(incident: Incident): Inline[] {
  const { phase, ack, snoozedUntil, hidden, reopens, regressionOf } = incident;
  const lines: Inline[] = [];
  if (phase.name === 'resolved') {
    if (phase.by !== undefined)
      lines.push(text('Resolved by '), actor(phase.by), text(', '), date(phase.at), text('\n'));
  } else {
    if (ack !== undefined) lines.push(text('👀 Acknowledged by '), actor(ack.by), text(', '), date(ack.at), text('\n'));
    if (snoozedUntil !== undefined) lines.push(text('💤 Snoozed until '), date(snoozedUntil), text('\n'));
    if (hidden?.reason === 'silenced') lines.push(text('🔕 Silenced since '), date(hidden.since), text('\n'));
  }
  if (reopens > 0) lines.push(text(`↩️ Reopened ${reopens === 1 ? 'once' : `${reopens} times`}\n`));
  if (regressionOf !== undefined)
    lines.push(text('↩️ Previously resolved as incident '), code(literal(regressionOf, nameMax)), text('\n'));
  return lines;
}

const trends: Readonly<Record<Trend, string | undefined>> = {
  rising: '📈 getting worse',
  steady: undefined,
  falling: '📉 getting better',
};

/** Count, start, share of all attempts, trend and deploy of an open incident. */
function openFigures(incident: Incident): Inline[] {
  const { firstAt, lastAt, trend, subject } = incident;
  const { signal, figures } = firstOf(incident.keys);
  const { about, counts } = wordsOf(signal);
  // The figures belong to the condition that opened the incident. A share for several tasks would be misleading.
  const proportion = subject.tasks.length > 1 ? undefined : proportionOf(signal, figures);
  const changes = [...(trends[trend] === undefined ? [] : [text(trends[trend])]), ...deployOf(incident)];
  return [
    bold(totalOf(incident) ?? amountOf(signal, figures, 0)),
    text(counts === undefined ? ', since ' : about === 'schedule' ? ', due ' : lastAt > firstAt ? ' since ' : ', '),
    date(firstAt),
    ...(proportion === undefined ? [] : [text(` · ${proportion}`)]),
    ...(changes.length === 0 ? [] : [text('\n'), ...separated(changes)]),
  ];
}

/** `38 failures`; undefined for signals without a count since the start. */
export function totalOf(incident: Incident): string | undefined {
  const { signal, figures } = firstOf(incident.keys);
  const total = countOf(incident);
  return total > 0 ? amountOf(signal, figures, total) : undefined;
}

/** Count of the first condition's unit. Failures and retries of one incident are not added up. */
export function countOf({ keys, count }: Incident): number {
  const noun = wordsOf(firstOf(keys).signal).counts?.[1];
  const counted = keys.filter(({ total }) => total !== undefined);
  const alike = counted.filter(({ signal }) => wordsOf(signal).counts?.[1] === noun);
  if (noun === undefined) return 0;
  return alike.length === counted.length ? count : alike.reduce((sum, { total = 0 }) => sum + total, 0);
}

/** Duration and total of a resolved incident. */
function resolvedFigures(incident: Incident): Inline[] {
  const { firstAt, lastAt, phase } = incident;
  const total = totalOf(incident);
  const lasted = lastAt > firstAt ? `Lasted ${duration(lastAt - firstAt)}` : 'Once';
  const quietMs = phase.name === 'resolved' && phase.by === undefined ? phase.at - lastAt : 0;
  return [
    bold(total === undefined ? lasted : `${lasted} · ${total}`),
    text(', '),
    date(firstAt),
    ...(lastAt > firstAt ? [text(' to '), time(lastAt)] : []),
    ...(quietMs > 0 ? [text(`, then quiet for ${duration(quietMs)}`)] : []),
    ...separated(deployOf(incident)).flatMap((part) => [text('\n'), part]),
  ];
}

function deployOf({ deploy, firstAt }: Incident): Inline[] {
  if (deploy === undefined) return [];
  const after = firstAt - deploy.at;
  const when = after >= 0 ? `${duration(after)} after` : 'just before';
  return [bold(`🚀 ${when} deploy ${literal(deploy.version, nameMax)}`)];
}

/** Task, places, cause and an example, one line each. */
function factsOf(incident: Incident): Inline[] {
  const { tasks, hosts, pools, queues, cause, class: kind, example } = incident.subject;
  const { about } = wordsOf(firstOf(incident.keys).signal);
  const place = (word: string, names: readonly string[]): string[] =>
    names.length === 0 || word === about
      ? []
      : [`${word}${names.length === 1 ? '' : 's'} ${listed(names, namesShown, nameMax)}`];
  // The names of the workers contain their pool.
  const isPoolShown = hosts.length > 0 && hosts.every((host) => pools.some((pool) => host.startsWith(pool)));
  const places = [...place('queue', queues), ...(isPoolShown ? [] : place('pool', pools)), ...place('worker', hosts)];
  const facts: Inline[] = [];
  const fact = (label: string, value: Inline) => facts.push(text('\n'), bold(`${label}  `), value);
  if (about !== 'tasks' && tasks.length === 1) fact('Task', text(tail(tasks[0] as string, nameMax)));
  if (places.length > 0) fact('Where', text(places.join(' · ')));
  if (incident.phase.name === 'resolved') return facts;
  // Readers expect an error of the program. Any other cause or class directs them elsewhere.
  const causes = [cause === 'app-error' ? undefined : cause, kind === 'bug' ? undefined : kind].filter(
    (word) => word !== undefined,
  );
  if (causes.length > 0) fact('Cause', text(causes.join(' · ')));
  if (example !== undefined) fact('Example', code(literal(example.taskId, nameMax)));
  return facts;
}

/** The list of tasks, if there are several. */
export function taskList({ subject: { tasks } }: Incident): RichTextPart[] {
  if (tasks.length < 2) return [];
  const shown = tasks.slice(0, tasksShown).map((task) => [text(tail(task, nameMax))]);
  const more = tasks.length - shown.length;
  return [bullets(more > 0 ? [...shown, [text(`and ${more} more ${more === 1 ? 'task' : 'tasks'}`)]] : shown)];
}

/** The further conditions of the incident. Causes that only a fingerprint distinguishes are shown as a number. */
export function relatedConditions({ keys }: Incident): RichTextPart[] {
  const [first, ...others] = keys as readonly [IncidentCondition, ...IncidentCondition[]];
  const named = others.filter((other) => other.signal !== first.signal || nameOf(other) !== undefined);
  const unnamed = others.length - named.length;
  const lines = named.slice(0, alsoShown).map((condition): Inline[] => {
    const { signal, figures } = condition;
    const name = nameOf(condition);
    return [
      bold(`${capital(wordsOf(signal).short)}${name === undefined ? '' : ` · ${tail(name, nameMax)}`}`),
      text(`: ${measureOf(signal, figures)}`),
    ];
  });
  if (named.length > alsoShown) lines.push([text(`and ${named.length - alsoShown} more`)]);
  if (unnamed > 0) lines.push([text(`${unnamed} related ${unnamed === 1 ? 'failure' : 'failures'}`)]);
  return lines.length === 0 ? [] : [section([bold('Also')]), bullets(lines)];
}

export function separated(parts: readonly Inline[]): Inline[] {
  return parts.flatMap((part, index) => (index > 0 ? [text('  ·  '), part] : [part]));
}

/** The body of a root message between headline and links: state, counts and times, places, related conditions. */
import type { Incident, IncidentCondition } from '../../alert/incident.ts';
import { countOf, headingOf, isWhole, kindsOf, titleOf } from '../../alert/incidents/heading.ts';
import type { Trend } from '../../alert/signal.ts';
import { actor, bold, bullets, code, date, type Inline, type RichTextPart, section, text, time } from './blocks.ts';
import { amountOf, capital, measureOf, nameOf, proportionOf, wordsOf } from './signal-text.ts';
import { duration, listed, literal, tail } from './text.ts';

/** In characters. */
export const nameMax = 80;
const titleMax = 160;
// In items. The rest is shown as a number.
const tasksShown = 6;
const namesShown = 3;
const alsoShown = 4;
const idsShown = 5;

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
  const { signal, figures } = headingOf(incident);
  const { about, counts } = wordsOf(signal);
  // A share of the attempts of several tasks would be misleading.
  const proportion = subject.tasks.length > 1 ? undefined : proportionOf(incident);
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
  const heading = headingOf(incident);
  const total = countOf(incident, heading);
  return total > 0 ? amountOf(heading.signal, heading.figures, total) : undefined;
}

/** `6 failures within 2 s`, `1 failure`, `lasted 36 min`. */
export function extentOf(incident: Incident): string {
  const { firstAt, lastAt } = incident;
  const total = totalOf(incident);
  if (total === undefined) return lastAt > firstAt ? `lasted ${duration(lastAt - firstAt)}` : 'once';
  return lastAt > firstAt ? `${total} within ${duration(lastAt - firstAt)}` : total;
}

/** Duration and total of a resolved incident. */
function resolvedFigures(incident: Incident): Inline[] {
  const { firstAt, lastAt, phase } = incident;
  const isForgotten = phase.name === 'resolved' && phase.isForgotten === true;
  const quietMs = phase.name === 'resolved' && phase.by === undefined && !isForgotten ? phase.at - lastAt : 0;
  return [
    ...(isForgotten ? [text('Nothing shows that it is over: the evidence has expired\n')] : []),
    bold(capital(extentOf(incident))),
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
  const { about } = wordsOf(headingOf(incident).signal);
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
  const { taskIds = [] } = incident.subject;
  if (taskIds.length > 1) fact('Ids', text(idsOf(taskIds, countOf(incident))));
  else if (example !== undefined) fact('Example', code(literal(example.taskId, nameMax)));
  return facts;
}

/** The list of tasks, if there are several. */
export function taskList({ subject: { tasks } }: Incident): RichTextPart[] {
  if (tasks.length < 2) return [];
  const shown = tasks.slice(0, tasksShown).map((task) => [text(tail(task, nameMax))]);
  const more = tasks.length - shown.length;
  return [bullets(more > 0 ? [...shown, [text(`and ${more} more ${more === 1 ? 'task' : 'tasks'}`)]] : shown)];
}

/** The first ids and the number of the others. */
function idsOf(taskIds: readonly string[], total: number): string {
  const shown = taskIds.slice(0, idsShown).map((id) => literal(id, nameMax));
  const more = Math.max(taskIds.length, total) - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The conditions that the headline does not name: each with its exception or figures, different exceptions as different. */
export function relatedConditions(incident: Incident): RichTextPart[] {
  const heading = headingOf(incident);
  const others = incident.keys.filter((one) => one !== heading);
  const named = others.filter(
    (other) => other.title !== undefined || other.signal !== heading.signal || nameOf(other) !== undefined,
  );
  const unnamed = others.length - named.length;
  const lines = named.slice(0, alsoShown).map((condition) => relatedLine(incident, condition));
  if (named.length > alsoShown) lines.push([text(`and ${named.length - alsoShown} more`)]);
  if (unnamed > 0) lines.push([text(`${unnamed} related ${unnamed === 1 ? 'failure' : 'failures'}`)]);
  return lines.length === 0 ? [] : [section([bold('Also')]), bullets(lines)];
}

function relatedLine(incident: Incident, condition: IncidentCondition): Inline[] {
  const { signal, figures, total, task, title } = condition;
  const { isException, short } = wordsOf(signal);
  const name = nameOf(condition) ?? (incident.subject.tasks.length > 1 ? task : undefined);
  const isOther = isException && title !== undefined && title !== titleOf(incident);
  const isLevel = total === undefined || isWhole(condition);
  const kinds = kindsOf(condition);
  const figure = kinds ?? (isLevel ? measureOf(signal, figures) : amountOf(signal, figures, total));
  return [
    bold(`${capital(short)}${name === undefined ? '' : ` · ${tail(name, nameMax)}`}`),
    text(`: ${isOther && kinds === undefined ? `${literal(title, titleMax)} · ` : ''}${figure}`),
  ];
}

export function separated(parts: readonly Inline[]): Inline[] {
  return parts.flatMap((part, index) => (index > 0 ? [text('  ·  '), part] : [part]));
}

/**
 * The root message of an incident, top to bottom: what is wrong with what · how it fails · what became of it since · how
 * many, since when, is it getting worse · where · where to look · buttons · why it is told.
 *
 * Exports: headlineOf, gistOf, rootBlocks, stateOf, mentionsOf, totalOf, IncidentOptions.
 */
import type { HeldKey, Incident } from '../alert/incident.ts';
import type { Severity } from '../alert/policy.ts';
import type { SignalName, Trend } from '../alert/signal.ts';
import {
  actor,
  bold,
  bullets,
  code,
  context,
  date,
  header,
  type Inline,
  mention,
  preformatted,
  type RichTextPart,
  richText,
  type SlackBlock,
  section,
  text,
  time,
} from './slack-blocks.ts';
import { buttonsOf } from './slack-buttons.ts';
import { type LinkTemplate, linkOf } from './slack-links.ts';
import { amountOf, capital, limitOf, measureOf, nameOfKey, objectOf, proportionOf, wordsOf } from './slack-signal.ts';
import { duration, listed, literal, tail } from './slack-text.ts';

export interface IncidentOptions {
  readonly links: readonly LinkTemplate[];
  /** Signs what the buttons carry; undefined: no buttons. */
  readonly buttonKey?: string;
  /** Tells fleets that share a channel apart. */
  readonly namespace?: string;
  /** An earlier try may be in the channel and nobody could look. */
  readonly mayRepeat?: boolean;
}

// In characters. Together far below Slack's limits: 150 for a header, 3,000 for a text, about 13,200 for all blocks.
const objectMax = 90;
const titleMax = 2_000;
const nameMax = 80;
const footerMax = 300;
// In items. What does not fit is counted.
const tasksShown = 6;
const namesShown = 3;
const alsoShown = 4;
const linksMax = 5;
const mentionsMax = 10;

const circles: Readonly<Record<Severity, string>> = { critical: '🔴', high: '🟠', normal: '🟡' };

/** `🟡 New failure · billing.tasks.charge` */
export function headlineOf(incident: Incident): string {
  const { headline } = wordsOf(signalOf(incident));
  const object = objectOf(incident, objectMax);
  return `${markerOf(incident)} ${headline}${object === '' ? '' : ` · ${object}`}`;
}

/** Green: it is over. Eyes: somebody looks. Asleep: put off. Else how bad it is. */
function markerOf({ phase, severity, ack, snoozedUntil }: Incident): string {
  if (phase.name === 'resolved') return '🟢 Resolved:';
  if (snoozedUntil !== undefined) return '💤';
  return ack === undefined ? circles[severity] : '👀';
}

export function rootBlocks(incident: Incident, options: IncidentOptions): SlackBlock[] {
  const isOver = incident.phase.name === 'resolved';
  const wanted = isOver || incident.ack !== undefined ? [] : mentionsOf(incident);
  const parts: RichTextPart[] = [
    ...(wanted.length === 0 ? [] : [section(wanted)]),
    ...titleOf(incident),
    ...tasksOf(incident),
    section([...stateOf(incident), ...(isOver ? pastOf(incident) : presentOf(incident)), ...factsOf(incident)]),
    ...alsoOf(incident),
  ];
  const links = linksOf(incident, options.links);
  if (links.length > 0) parts.push(section(links));
  const buttons =
    isOver || options.buttonKey === undefined
      ? undefined
      : buttonsOf(incident, options.namespace ?? 'default', options.buttonKey);
  return [
    header(headlineOf(incident)),
    richText(...parts),
    ...(buttons === undefined ? [] : [buttons]),
    context(footerOf(incident, options), footerMax),
  ];
}

function signalOf({ keys }: Incident): SignalName {
  return (keys[0] as HeldKey).signal;
}

export function mentionsOf({ mentions }: Incident): Inline[] {
  return mentions
    .flatMap((id) => mention(id) ?? [])
    .slice(0, mentionsMax)
    .flatMap((element) => [element, text(' ')]);
}

/** The exception. What other signals are about, their figures say. */
function titleOf(incident: Incident): RichTextPart[] {
  const { title } = incident.subject;
  const isException = wordsOf(signalOf(incident)).isException && title.trim() !== '';
  return isException ? [preformatted(title, titleMax)] : [];
}

/** How it fails, or what is the matter, in one line of text. */
export function gistOf(incident: Incident): string {
  const { signal, figures } = incident.keys[0] as HeldKey;
  return wordsOf(signal).isException ? incident.subject.title : amountOf(signal, figures, 0);
}

/** What became of it: lines that end with a line break; nothing while it is simply open. */
export function stateOf(incident: Incident): Inline[] {
  const { phase, ack, snoozedUntil, hidden, reopens, regressionOf } = incident;
  const lines: Inline[] = [];
  if (phase.name === 'resolved') {
    if (phase.by !== undefined)
      lines.push(text('Resolved by '), actor(phase.by), text(', '), date(phase.at), text('\n'));
  } else {
    if (ack !== undefined)
      lines.push(text('👀 '), actor(ack.by), text(' is looking, since '), date(ack.at), text('\n'));
    if (snoozedUntil !== undefined) lines.push(text('💤 Snoozed until '), date(snoozedUntil), text('\n'));
    if (hidden?.reason === 'silenced') lines.push(text('🔕 Silenced since '), date(hidden.since), text('\n'));
  }
  if (reopens > 0) lines.push(text(`↩️ Came back ${reopens === 1 ? 'once' : `${reopens} times`}\n`));
  if (regressionOf !== undefined)
    lines.push(text('↩️ Was resolved as incident '), code(literal(regressionOf, nameMax)), text('\n'));
  return lines;
}

const trends: Readonly<Record<Trend, string | undefined>> = {
  rising: '📈 getting worse',
  steady: undefined,
  falling: '📉 easing off',
};

/** How many since when, how many of all, and where it is going. */
function presentOf(incident: Incident): Inline[] {
  const { firstAt, lastAt, trend, count } = incident;
  const signal = signalOf(incident);
  const { figures } = incident.keys[0] as HeldKey;
  const { about, counts } = wordsOf(signal);
  const proportion = proportionOf(signal, figures);
  const course = [...(trends[trend] === undefined ? [] : [text(trends[trend])]), ...deployOf(incident)];
  return [
    bold(amountOf(signal, figures, count)),
    text(counts === undefined ? ', since ' : about === 'schedule' ? ', due ' : lastAt > firstAt ? ' since ' : ', '),
    date(firstAt),
    ...(proportion === undefined ? [] : [text(` · ${proportion}`)]),
    ...(course.length === 0 ? [] : [text('\n'), ...spaced(course)]),
  ];
}

/** `38 failures`; undefined where nothing is counted since it began. */
export function totalOf(incident: Incident): string | undefined {
  const signal = signalOf(incident);
  if (wordsOf(signal).counts === undefined || incident.count <= 0) return undefined;
  return amountOf(signal, (incident.keys[0] as HeldKey).figures, incident.count);
}

function deployOf({ deploy, firstAt }: Incident): Inline[] {
  if (deploy === undefined) return [];
  const after = firstAt - deploy.at;
  const when = after >= 0 ? `${duration(after)} after` : 'just before';
  return [bold(`🚀 ${when} deploy ${literal(deploy.version, nameMax)}`)];
}

function spaced(parts: readonly Inline[]): Inline[] {
  return parts.flatMap((part, index) => (index > 0 ? [text('  ·  '), part] : [part]));
}

/** How long it lasted and how much of it there was. */
function pastOf(incident: Incident): Inline[] {
  const { firstAt, lastAt, phase } = incident;
  const total = totalOf(incident);
  const lasted = lastAt > firstAt ? `Lasted ${duration(lastAt - firstAt)}` : 'Once';
  const quietMs = phase.name === 'resolved' && phase.by === undefined ? phase.at - lastAt : 0;
  return [
    bold(total === undefined ? lasted : `${lasted} · ${total}`),
    text(', '),
    date(firstAt),
    ...(lastAt > firstAt ? [text(' to '), time(lastAt)] : []),
    ...(quietMs > 0 ? [text(`, calm for ${duration(quietMs)} since`)] : []),
    ...spaced(deployOf(incident)).flatMap((part) => [text('\n'), part]),
  ];
}

/** Where it happens, and what to look at first. */
function factsOf(incident: Incident): Inline[] {
  const { tasks, hosts, pools, queues, cause, class: kind, example } = incident.subject;
  const { about } = wordsOf(signalOf(incident));
  const place = (word: string, names: readonly string[]): string[] =>
    names.length === 0 || word === about
      ? []
      : [`${word}${names.length === 1 ? '' : 's'} ${listed(names, namesShown, nameMax)}`];
  // The names of the workers say their pool.
  const isSaid = hosts.length > 0 && hosts.every((host) => pools.some((pool) => host.startsWith(pool)));
  const places = [...place('queue', queues), ...(isSaid ? [] : place('pool', pools)), ...place('worker', hosts)];
  const facts: Inline[] = [];
  const fact = (label: string, value: Inline) => facts.push(text('\n'), bold(`${label}  `), value);
  if (about !== 'tasks' && tasks.length === 1) fact('Task', text(tail(tasks[0] as string, nameMax)));
  if (places.length > 0) fact('Where', text(places.join(' · ')));
  if (incident.phase.name === 'resolved') return facts;
  // An error of the program is what everybody expects; anything else changes where to look.
  const causes = [cause === 'app-error' ? undefined : cause, kind === 'bug' ? undefined : kind].filter(
    (word) => word !== undefined,
  );
  if (causes.length > 0) fact('Cause', text(causes.join(' · ')));
  if (example !== undefined) fact('Example', code(literal(example.taskId, nameMax)));
  return facts;
}

/** Which tasks, when there are several: a list is read faster than a sentence. */
function tasksOf({ subject: { tasks } }: Incident): RichTextPart[] {
  if (tasks.length < 2) return [];
  const shown = tasks.slice(0, tasksShown).map((task) => [text(tail(task, nameMax))]);
  const more = tasks.length - shown.length;
  return [bullets(more > 0 ? [...shown, [text(`and ${more} more tasks`)]] : shown)];
}

/** What else belongs to it: causes that only a hash tells apart are a number, other signals are named. */
function alsoOf({ keys }: Incident): RichTextPart[] {
  const [first, ...others] = keys as readonly [HeldKey, ...HeldKey[]];
  const named = others.filter(({ signal, key }) => signal !== first.signal || nameOfKey(key) !== undefined);
  const unnamed = others.length - named.length;
  const lines = named.slice(0, alsoShown).map(({ signal, key, figures }): Inline[] => {
    const name = nameOfKey(key);
    return [
      bold(`${capital(wordsOf(signal).short)}${name === undefined ? '' : ` · ${tail(name, nameMax)}`}`),
      text(`: ${measureOf(signal, figures)}`),
    ];
  });
  if (named.length > alsoShown) lines.push([text(`and ${named.length - alsoShown} more`)]);
  if (unnamed > 0) lines.push([text(`${unnamed} more ${unnamed === 1 ? 'place' : 'places'} with the same failure`)]);
  return lines.length === 0 ? [] : [section([bold('Also')]), bullets(lines)];
}

function linksOf(incident: Incident, templates: readonly LinkTemplate[]): Inline[] {
  const links = templates.slice(0, linksMax).flatMap((template): Inline[] => {
    const url = linkOf(incident, template);
    return url === undefined ? [] : [{ type: 'link', url, text: literal(template.label, nameMax) }];
  });
  return spaced(links);
}

/** What it means, and why it is told: the signal, its figures and its limit. */
function footerOf(incident: Incident, { namespace = 'default', mayRepeat }: IncidentOptions): string {
  const { signal, figures } = incident.keys[0] as HeldKey;
  const limits = limitOf(signal, figures);
  const { means, short } = wordsOf(signal);
  const reason = [
    `${short}: ${measureOf(signal, figures)}${limits === undefined ? '' : `, ${limits}`}`,
    ...(namespace === 'default' ? [] : [tail(namespace, nameMax)]),
    `incident ${incident.id}`,
    ...(mayRepeat === true ? ['(may be a repeat)'] : []),
  ].join(' · ');
  return means === undefined || incident.phase.name === 'resolved' ? reason : `${means}\n${reason}`;
}

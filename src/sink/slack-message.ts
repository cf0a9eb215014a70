/**
 * Notification → what Slack shows. Pure. Text from tasks appears only where Slack takes it literally: plain_text and
 * rich_text. Mentions come from the rule, link targets from the configured templates, and nothing else can act.
 *
 * A root message, top to bottom: who is failing and how badly · how it fails · the facts · where to look · why it is told.
 *
 * Exports: renderSlack, SlackMessage, SlackBlock, LinkTemplate, RenderOptions, eventType.
 */
import type { Notification } from '../alert/notification.ts';
import type { Severity } from '../alert/rule.ts';
import type { Millis } from '../event/ids.ts';
import { escaped, literal } from './slack-text.ts';

/** A link under each root message. Knows `{trace_id}`, `{task_id}`, `{fingerprint}` and `{incident}`. */
export interface LinkTemplate {
  readonly label: string;
  readonly url: string;
}

interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: false;
}

type Inline =
  | { readonly type: 'text'; readonly text: string; readonly style?: { readonly bold: true } }
  | { readonly type: 'link'; readonly url: string; readonly text: string }
  | { readonly type: 'date'; readonly timestamp: number; readonly format: string; readonly fallback: string }
  | { readonly type: 'user'; readonly user_id: string }
  | { readonly type: 'usergroup'; readonly usergroup_id: string }
  | { readonly type: 'channel'; readonly channel_id: string };

interface RichTextPart {
  readonly type: 'rich_text_section' | 'rich_text_preformatted';
  readonly elements: readonly Inline[];
}

export type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'context'; readonly elements: readonly PlainText[] }
  | { readonly type: 'rich_text'; readonly elements: readonly RichTextPart[] };

export interface SlackMessage {
  /** For push previews, screen readers, and when Slack refuses the blocks. */
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
  /** How a message is found again. Any app of the workspace can read it, so it holds ids only. */
  readonly metadata: {
    readonly event_type: typeof eventType;
    readonly event_payload: { readonly id: string; readonly incident: string; readonly namespace: string };
  };
}

export const eventType = 'taskvigil';

// In characters. Together far below Slack's limits: 150 for a header, 3,000 for a text, about 13,200 for all blocks.
const headerMax = 140;
const titleMax = 2_400;
const previewMax = 300;
const nameMax = 80;
const footerMax = 300;
const hostnamesShown = 3;
const linksMax = 5;
const linkUrlMax = 1_000;
const mentionsMax = 10;

export interface RenderOptions {
  readonly links: readonly LinkTemplate[];
  /** Tells fleets that share a channel apart. */
  readonly namespace?: string;
  /** An earlier try may be in the channel and nobody could look. */
  readonly mayRepeat?: boolean;
}

export function renderSlack(notification: Notification, options: RenderOptions): SlackMessage {
  const footer = footerOf(notification, options.mayRepeat ?? false);
  return {
    text: previewOf(notification),
    blocks:
      notification.action === 'reply'
        ? [{ type: 'rich_text', elements: [section(reminderOf(notification))] }, footer]
        : [headerOf(notification), bodyOf(notification, options.links), footer],
    metadata: {
      event_type: eventType,
      event_payload: {
        id: notification.id,
        incident: notification.incident,
        namespace: options.namespace ?? 'default',
      },
    },
  };
}

const markers: Readonly<Record<Severity, string>> = { critical: '🔴', high: '🟠', normal: '🟡' };

function headline(notification: Notification): string {
  const task = notification.taskName ?? 'a task of unknown name';
  if (notification.state === 'resolved') return `🟢 Resolved: ${task}`;
  const word = notification.severity === 'critical' ? 'Critical' : 'Failing';
  return `${markers[notification.severity]} ${word}: ${task}`;
}

function headerOf(notification: Notification): SlackBlock {
  return { type: 'header', text: plain(headline(notification).replaceAll(/\s+/g, ' '), headerMax) };
}

function bodyOf(notification: Notification, templates: readonly LinkTemplate[]): SlackBlock {
  const mentions = notification.state === 'open' ? mentionsOf(notification.mentions) : [];
  const links = linksOf(notification, templates);
  const failure: RichTextPart = {
    type: 'rich_text_preformatted',
    elements: [{ type: 'text', text: literal(notification.title, titleMax) }],
  };
  const parts = [
    ...(mentions.length > 0 ? [section(mentions)] : []),
    failure,
    section(factsOf(notification)),
    ...(links.length > 0 ? [section(links)] : []),
  ];
  return { type: 'rich_text', elements: parts };
}

function factsOf(notification: Notification): Inline[] {
  const facts: Inline[] = [...countOf(notification)];
  const fact = (label: string, value: string) => facts.push(text('\n'), bold(`${label}  `), text(value));
  const { hostnames, queue, reopens } = notification;
  if (hostnames.length > 0) fact(hostnames.length === 1 ? 'Worker' : 'Workers', hostnamesOf(hostnames));
  if (queue !== undefined) fact('Queue', literal(queue, nameMax));
  fact('Cause', `${notification.cause} (${notification.class})`);
  if (reopens > 0) fact('Reopened', times(reopens));
  return facts;
}

function countOf({ count, firstAt, lastAt, resolvedAt }: Notification): Inline[] {
  const failures = bold(`${count} ${count === 1 ? 'failure' : 'failures'}`);
  if (resolvedAt === undefined) return [failures, text(' since '), date(firstAt), text(', last '), date(lastAt)];
  if (count === 1) return [failures, text(' at '), date(firstAt), text(', none since')];
  return [failures, text(` over ${duration(lastAt - firstAt)}, from `), date(firstAt), text(' to '), date(lastAt)];
}

function reminderOf({ count, firstAt, lastAt }: Notification): Inline[] {
  return [
    bold('Still failing: '),
    text(`${count} ${count === 1 ? 'failure' : 'failures'} since `),
    date(firstAt),
    text(', last '),
    date(lastAt),
  ];
}

function hostnamesOf(hostnames: readonly string[]): string {
  const shown = hostnames.slice(0, hostnamesShown).map((hostname) => literal(hostname, nameMax));
  const more = hostnames.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

const mentionPattern = /^[UWSC][A-Z0-9]{1,30}$/;

function mentionsOf(ids: readonly string[]): Inline[] {
  return ids
    .filter((id) => mentionPattern.test(id))
    .slice(0, mentionsMax)
    .flatMap((id) => [mention(id), text(' ')]);
}

function mention(id: string): Inline {
  if (id.startsWith('S')) return { type: 'usergroup', usergroup_id: id };
  if (id.startsWith('C')) return { type: 'channel', channel_id: id };
  return { type: 'user', user_id: id };
}

function linksOf(notification: Notification, templates: readonly LinkTemplate[]): Inline[] {
  return templates.slice(0, linksMax).flatMap((template, index): Inline[] => {
    const url = linkOf(notification, template);
    if (url === undefined) return [];
    return [...(index > 0 ? [text('  ·  ')] : []), { type: 'link', url, text: literal(template.label, nameMax) }];
  });
}

/** The filled template, or undefined when it would lead anywhere but to the template's own origin. */
function linkOf(notification: Notification, { url: template }: LinkTemplate): string | undefined {
  const values: Readonly<Record<string, string>> = {
    trace_id: notification.example.traceId,
    task_id: notification.example.taskId,
    fingerprint: notification.fingerprint,
    incident: notification.incident,
  };
  const filled = template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : encodeURIComponent(value.toWellFormed());
  });
  const url = URL.parse(filled);
  const origin = URL.parse(template.replaceAll(/[{}]/g, ''))?.origin;
  if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== origin || url.href.length > linkUrlMax) {
    return undefined;
  }
  return url.href;
}

function footerOf(notification: Notification, mayRepeat: boolean): SlackBlock {
  const { reason, evidence, rule, incident } = notification;
  const parts = [reason, evidence, `rule ${literal(rule, nameMax)}`, `incident ${incident}`];
  if (mayRepeat) parts.push('(may be a repeat)');
  return { type: 'context', elements: [plain(parts.join(' · '), footerMax)] };
}

function previewOf(notification: Notification): string {
  const { count, title, action } = notification;
  const head = action === 'reply' ? `Still failing: ${notification.taskName ?? 'a task'}` : headline(notification);
  return `${escaped(head, headerMax)} (${count}): ${escaped(title, previewMax)}`;
}

function section(elements: readonly Inline[]): RichTextPart {
  return { type: 'rich_text_section', elements };
}

function plain(value: string, max: number): PlainText {
  return { type: 'plain_text', text: literal(value, max), emoji: false };
}

function text(value: string): Inline {
  return { type: 'text', text: value };
}

function bold(value: string): Inline {
  return { type: 'text', text: value, style: { bold: true } };
}

/** Shown in the reader's own time zone. */
function date(at: Millis): Inline {
  const fallback = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return { type: 'date', timestamp: Math.floor(at / 1000), format: '{date_short_pretty} {time}', fallback };
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

/** `45 s`, `12 min`, `3 h 5 min`. */
function duration(ms: Millis): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Messages in the thread of a root message, and the link to it from another channel. */
import type { Incident, ThreadLine } from '../../alert/incident.ts';
import { actor, bold, date, type Inline, richText, type SlackBlock, section, text } from './blocks.ts';
import { extentOf, totalOf } from './facts.ts';
import { headlineOf, mentionsOf } from './headline.ts';
import { duration, literal } from './text.ts';

const lineMax = 600;

interface LineFormat {
  readonly marker: string;
  readonly label: string;
  /** True if the line's text names the author of an action. */
  readonly isAction: boolean;
}

const lines: Readonly<Record<ThreadLine['what'], LineFormat>> = {
  joined: { marker: '➕', label: 'Joined', isAction: false },
  grew: { marker: '📈', label: 'Grew', isAction: false },
  worse: { marker: '🔺', label: 'Got worse', isAction: false },
  reopened: { marker: '↩️', label: 'Reopened', isAction: false },
  resolved: { marker: '🟢', label: 'Resolved', isAction: true },
  acked: { marker: '👀', label: 'Acknowledged', isAction: true },
  snoozed: { marker: '💤', label: 'Snoozed', isAction: true },
  silenced: { marker: '🔕', label: 'Silenced', isAction: true },
  archived: { marker: '🗄️', label: 'Archived until it gets worse', isAction: true },
  woke: { marker: '⏰', label: 'Snooze ended', isAction: false },
};

export function lineBlocks(incident: Incident, line: ThreadLine | undefined): SlackBlock[] {
  if (line === undefined) return [richText(section([text(headlineOf(incident))]))];
  const { marker } = lines[line.what];
  // The channel shows the line outside its thread.
  const head = line.what === 'worse' && line.isLoud === true ? [bold(headlineOf(incident)), text('\n')] : [];
  return [richText(section([...head, text(`${marker} `), bold(labelOf(incident, line)), ...detailOf(incident, line)]))];
}

/** The line as plain text. */
export function lineText(incident: Incident, line: ThreadLine | undefined): string {
  if (line === undefined) return '';
  const detail = detailOf(incident, line).map((part) =>
    'text' in part ? part.text : 'user_id' in part ? part.user_id : '',
  );
  return `${lines[line.what].marker} ${labelOf(incident, line)}${detail.join('')}`;
}

function labelOf(incident: Incident, { what }: ThreadLine): string {
  const { label } = lines[what];
  const { phase, reopens } = incident;
  if (what === 'reopened') return reopens > 1 ? `${label}, ${reopens} times so far` : label;
  if (what !== 'resolved') return label;
  if (phase.name === 'resolved' && phase.isForgotten === true) return `No longer watched: ${extentOf(incident)}`;
  const quietMs = phase.name === 'resolved' && phase.by === undefined ? phase.at - incident.lastAt : 0;
  return `${label}: ${extentOf(incident)}${quietMs > 0 ? `, then quiet for ${duration(quietMs)}` : ''}`;
}

/** The author or the subject of the line, unless the label contains it. */
function detailOf({ snoozedUntil }: Incident, { what, text: given }: ThreadLine): Inline[] {
  const detail = given.trim();
  if (detail === '' || what === 'reopened') return [];
  if (!lines[what].isAction) return [text(`: ${literal(detail, lineMax)}`)];
  if (what === 'resolved' && detail.startsWith('after ')) return [];
  const until = what === 'snoozed' && snoozedUntil !== undefined ? [text(', until '), date(snoozedUntil)] : [];
  return [text(what === 'resolved' ? ', by ' : ' by '), actor(detail), ...until];
}

/** The channel shows a reminder outside its thread, so the reminder repeats the headline. */
export function reminderBlocks(incident: Incident, at: number): SlackBlock[] {
  const { openedAt, firstAt, lastAt, trend } = incident;
  const total = totalOf(incident);
  const wanted = mentionsOf(incident);
  const state = { rising: ', getting worse', steady: '', falling: ', getting better' }[trend];
  return [
    richText(
      section(
        [
          ...wanted,
          bold(`Still open after ${duration(at - (openedAt ?? firstAt))}, not acknowledged`),
          text(`\n${literal(headlineOf(incident), 160)}\n${total === undefined ? 'Last' : `${total}, last`} `),
          date(lastAt),
          text(state),
        ].filter((part) => part.type !== 'text' || part.text !== ''),
      ),
    ),
  ];
}

/** Without a permalink the text names the channel. */
export function linkBlocks(
  incident: Incident,
  permalink: string | undefined,
  channel: string | undefined,
): SlackBlock[] {
  const url = permalink === undefined ? undefined : URL.parse(permalink);
  const target: Inline[] =
    url?.protocol === 'https:'
      ? [{ type: 'link', url: url.href, text: 'Open the thread' }]
      : channel !== undefined && /^C[A-Z0-9]{1,30}$/.test(channel)
        ? [text('Reported in '), { type: 'channel', channel_id: channel }]
        : [text('Reported in another channel')];
  return [richText(section([bold(literal(headlineOf(incident), 160)), text('\n'), ...target]))];
}

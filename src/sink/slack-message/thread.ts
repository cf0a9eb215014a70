/** What is said below a root message, and what points to it from another channel. */
import type { Incident, ThreadLine } from '../../alert/incident.ts';
import { actor, bold, date, type Inline, richText, type SlackBlock, section, text } from './blocks.ts';
import { totalOf } from './facts.ts';
import { headlineOf, mentionsOf } from './incident-message.ts';
import { duration, literal } from './text.ts';

const lineMax = 600;

interface LineWords {
  readonly marker: string;
  readonly said: string;
  /** Its text is who did it. */
  readonly isAct: boolean;
}

const lines: Readonly<Record<ThreadLine['what'], LineWords>> = {
  joined: { marker: '➕', said: 'Joined', isAct: false },
  grew: { marker: '📈', said: 'Grew', isAct: false },
  worse: { marker: '🔺', said: 'Got worse', isAct: false },
  reopened: { marker: '↩️', said: 'Came back', isAct: false },
  resolved: { marker: '🟢', said: 'Resolved', isAct: true },
  acked: { marker: '👀', said: 'Acknowledged', isAct: true },
  snoozed: { marker: '💤', said: 'Snoozed', isAct: true },
  silenced: { marker: '🔕', said: 'Silenced', isAct: true },
  archived: { marker: '🗄️', said: 'Archived until it gets worse', isAct: true },
  woke: { marker: '⏰', said: 'The snooze is over', isAct: false },
};

export function lineBlocks(incident: Incident, line: ThreadLine | undefined): SlackBlock[] {
  if (line === undefined) return [richText(section([text(headlineOf(incident))]))];
  const { marker } = lines[line.what];
  return [richText(section([text(`${marker} `), bold(saidOf(incident, line)), ...detailOf(incident, line)]))];
}

/** The line in words alone. */
export function lineText(incident: Incident, line: ThreadLine | undefined): string {
  if (line === undefined) return '';
  const detail = detailOf(incident, line).map((part) =>
    'text' in part ? part.text : 'user_id' in part ? part.user_id : '',
  );
  return `${lines[line.what].marker} ${saidOf(incident, line)}${detail.join('')}`;
}

function saidOf(incident: Incident, { what }: ThreadLine): string {
  const { said } = lines[what];
  const { firstAt, lastAt, reopens } = incident;
  if (what === 'reopened') return reopens > 1 ? `${said}, ${reopens} times now` : said;
  if (what !== 'resolved') return said;
  const total = totalOf(incident);
  return `${said} after ${duration(lastAt - firstAt)}${total === undefined ? '' : ` · ${total}`}`;
}

/** Who did it, or what the line is about, where the words before have not said so. */
function detailOf({ snoozedUntil }: Incident, { what, text: given }: ThreadLine): Inline[] {
  const detail = given.trim();
  if (detail === '' || what === 'reopened') return [];
  if (!lines[what].isAct) return [text(`: ${literal(detail, lineMax)}`)];
  if (what === 'resolved' && detail.startsWith('after ')) return [];
  const until = what === 'snoozed' && snoozedUntil !== undefined ? [text(', until '), date(snoozedUntil)] : [];
  return [text(' by '), actor(detail), ...until];
}

/** Seen in the channel too, so it says by itself what it is about. */
export function reminderBlocks(incident: Incident, at: number): SlackBlock[] {
  const { openedAt, firstAt, lastAt, trend } = incident;
  const total = totalOf(incident);
  const wanted = mentionsOf(incident);
  const state = { rising: ', getting worse', steady: '', falling: ', easing off' }[trend];
  return [
    richText(
      section(
        [
          ...wanted,
          bold(`Still open after ${duration(at - (openedAt ?? firstAt))}, nobody has acknowledged it`),
          text(`\n${literal(headlineOf(incident), 160)}\n${total === undefined ? 'Last' : `${total}, last`} `),
          date(lastAt),
          text(state),
        ].filter((part) => part.type !== 'text' || part.text !== ''),
      ),
    ),
  ];
}

/** `permalink` as Slack gave it; without one the channel is named. */
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
        ? [text('Told in '), { type: 'channel', channel_id: channel }]
        : [text('Told in another channel')];
  return [richText(section([bold(literal(headlineOf(incident), 160)), text('\n'), ...target]))];
}

/** A message about many incidents: a storm, the day's digest, what mute hours held back, taskvigil's own health. */
import type { Bulletin } from '../../alert/incident.ts';
import { bullets, context, header, richText, type SlackBlock, text } from './blocks.ts';
import { literal } from './text.ts';

const linesShown = 25;
const lineMax = 250;

const kinds: Readonly<Record<Bulletin['kind'], { readonly marker: string; readonly footer: string }>> = {
  storm: { marker: '🌊', footer: 'Over the budget of this channel: listed here instead of a message each' },
  digest: { marker: '🗞️', footer: 'What was not worth a message of its own' },
  summary: { marker: '🌅', footer: 'What was held back during mute hours, and goes on' },
  self: { marker: '🩺', footer: 'About taskvigil itself' },
};

export function bulletinHeadline({ kind, title, lines, more }: Bulletin): string {
  const count = lines.length + more;
  const incidents = `${count} ${count === 1 ? 'incident' : 'incidents'}`;
  const words = {
    storm: `Storm: ${incidents} more`,
    summary: `${incidents} still open after mute hours`,
    digest: title,
    self: title,
  };
  return `${kinds[kind].marker} ${words[kind]}`;
}

export function bulletinBlocks(bulletin: Bulletin, namespace: string): SlackBlock[] {
  const { kind, lines, more } = bulletin;
  const shown = lines.slice(0, linesShown).map((line) => [text(literal(line, lineMax))]);
  const hidden = more + lines.length - shown.length;
  const items = hidden > 0 ? [...shown, [text(`and ${hidden} more`)]] : shown;
  const place = namespace === 'default' ? [] : [namespace];
  return [
    header(bulletinHeadline(bulletin)),
    ...(items.length === 0 ? [] : [richText(bullets(items))]),
    context([kinds[kind].footer, ...place].join(' · '), 300),
  ];
}

/** The message of a bulletin: a storm, the daily digest, the incidents after mute hours, taskvigil's own health. */
import type { Bulletin } from '../../alert/incident.ts';
import { bullets, context, header, richText, type SlackBlock, text } from './blocks.ts';
import { literal } from './text.ts';

const linesShown = 25;
const lineMax = 250;

const kinds: Readonly<Record<Bulletin['kind'], { readonly marker: string; readonly footer: string }>> = {
  storm: { marker: '🌊', footer: 'This channel is over its message budget: further incidents are listed here' },
  digest: { marker: '🗞️', footer: 'Incidents and failures without a message of their own' },
  summary: { marker: '🌅', footer: 'Suppressed during mute hours and still open' },
  self: { marker: '🩺', footer: 'About taskvigil itself' },
};

/** `🌊 Storm: 7 more incidents` */
export function bulletinHeadline({ kind, title, lines, more }: Bulletin): string {
  const count = lines.length + more;
  const noun = count === 1 ? 'incident' : 'incidents';
  const headlines = {
    storm: `Storm: ${count} more ${noun}`,
    summary: `${count} ${noun} still open after mute hours`,
    digest: title,
    self: title,
  };
  return `${kinds[kind].marker} ${headlines[kind]}`;
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

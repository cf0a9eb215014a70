/**
 * The root message of an incident, from top to bottom: severity, signal and object · exception · state · count, start and
 * trend · places · links · buttons · meaning and reason.
 */
import type { Incident } from '../../alert/incident.ts';
import { headingOf, titleOf } from '../../alert/incidents/heading.ts';
import {
  context,
  header,
  type Inline,
  preformatted,
  type RichTextPart,
  richText,
  type SlackBlock,
  section,
} from './blocks.ts';
import { buttonsOf } from './buttons.ts';
import { incidentBody, nameMax, relatedConditions, separated, taskList } from './facts.ts';
import { headlineOf, mentionsOf } from './headline.ts';
import { type LinkTemplate, linkOf } from './links.ts';
import { amountOf, limitOf, measureOf, wordsOf } from './signal-text.ts';
import { literal, tail } from './text.ts';

export interface IncidentOptions {
  readonly links: readonly LinkTemplate[];
  /** Signs the buttons' tokens; undefined: no buttons. */
  readonly buttonKey?: string;
  /** Distinguishes fleets that share a channel. */
  readonly namespace?: string;
  /** The channel may already contain this message, and its history could not be read. */
  readonly mayRepeat?: boolean;
  /** The incident has no message yet. */
  readonly isFirst?: boolean;
}

// In characters. Together far below Slack's limits: 150 for a header, 3,000 for a text, about 13,200 for all blocks.
const titleMax = 2_000;
const footerMax = 300;
// In items.
const linksMax = 5;

export function rootBlocks(incident: Incident, options: IncidentOptions): SlackBlock[] {
  const isOver = incident.phase.name === 'resolved';
  const wanted = isOver || incident.ack !== undefined ? [] : mentionsOf(incident);
  const parts: RichTextPart[] = [
    ...(wanted.length === 0 ? [] : [section(wanted)]),
    ...titlePart(incident),
    ...taskList(incident),
    section(incidentBody(incident, options.isFirst === true)),
    ...relatedConditions(incident),
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

/** The exception. For signals without one, the figures describe the problem. */
function titlePart(incident: Incident): RichTextPart[] {
  const title = titleOf(incident);
  const isException = wordsOf(headingOf(incident).signal).isException && title.trim() !== '';
  return isException ? [preformatted(title, titleMax)] : [];
}

/** The exception, or the figures of a signal without one, in one line of text. */
export function summaryOf(incident: Incident): string {
  const { signal, figures } = headingOf(incident);
  return wordsOf(signal).isException ? titleOf(incident) : amountOf(signal, figures, 0);
}

function linksOf(incident: Incident, templates: readonly LinkTemplate[]): Inline[] {
  const links = templates.slice(0, linksMax).flatMap((template): Inline[] => {
    const url = linkOf(incident, template);
    return url === undefined ? [] : [{ type: 'link', url, text: literal(template.label, nameMax) }];
  });
  return separated(links);
}

/** Meaning of the signal, and the reason for the message: signal, the figures that opened it, and threshold. */
function footerOf(incident: Incident, { namespace = 'default', mayRepeat }: IncidentOptions): string {
  const { signal, figures, opening = figures } = headingOf(incident);
  const limits = limitOf(signal, opening);
  const { meaning: means, short } = wordsOf(signal);
  const reason = [
    `${short}: began with ${measureOf(signal, opening)}${limits === undefined ? '' : `, ${limits}`}`,
    ...(namespace === 'default' ? [] : [tail(namespace, nameMax)]),
    `incident ${incident.id}`,
    ...(mayRepeat === true ? ['(may be a repeat)'] : []),
  ].join(' · ');
  return means === undefined || incident.phase.name === 'resolved' ? reason : `${means}\n${reason}`;
}

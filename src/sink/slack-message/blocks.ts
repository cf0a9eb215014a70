/** The Slack blocks that taskvigil uses, and the functions that build them. Blocks are built nowhere else. */
import type { Millis } from '../../event/ids.ts';
import { literal } from './text.ts';

export interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: false;
}

export type Inline =
  | { readonly type: 'text'; readonly text: string; readonly style?: { readonly bold?: true; readonly code?: true } }
  | { readonly type: 'link'; readonly url: string; readonly text: string }
  | { readonly type: 'date'; readonly timestamp: number; readonly format: string; readonly fallback: string }
  | { readonly type: 'user'; readonly user_id: string }
  | { readonly type: 'usergroup'; readonly usergroup_id: string }
  | { readonly type: 'channel'; readonly channel_id: string };

interface Section {
  readonly type: 'rich_text_section';
  readonly elements: readonly Inline[];
}

export type RichTextPart =
  | Section
  | { readonly type: 'rich_text_preformatted'; readonly elements: readonly Inline[] }
  | { readonly type: 'rich_text_list'; readonly style: 'bullet'; readonly elements: readonly Section[] };

export interface Option {
  readonly text: PlainText;
  readonly value: string;
}

export type BlockElement =
  | { readonly type: 'button'; readonly action_id: string; readonly text: PlainText; readonly style?: 'primary' }
  | {
      readonly type: 'static_select';
      readonly action_id: string;
      readonly placeholder: PlainText;
      readonly options: readonly Option[];
    }
  | { readonly type: 'overflow'; readonly action_id: string; readonly options: readonly Option[] };

export type SlackBlock =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'context'; readonly elements: readonly PlainText[] }
  | { readonly type: 'rich_text'; readonly elements: readonly RichTextPart[] }
  | { readonly type: 'actions'; readonly block_id: string; readonly elements: readonly BlockElement[] };

/** Slack's limit is 150. */
const headerMax = 140;

export function header(value: string): SlackBlock {
  return { type: 'header', text: plain(value.replaceAll(/\s+/g, ' '), headerMax) };
}

export function context(value: string, charsMax: number): SlackBlock {
  return { type: 'context', elements: [plain(value, charsMax)] };
}

export function richText(...parts: readonly RichTextPart[]): SlackBlock {
  return { type: 'rich_text', elements: parts };
}

export function section(elements: readonly Inline[]): Section {
  return { type: 'rich_text_section', elements };
}

export function preformatted(value: string, charsMax: number): RichTextPart {
  return { type: 'rich_text_preformatted', elements: [text(literal(value, charsMax))] };
}

export function bullets(items: readonly (readonly Inline[])[]): RichTextPart {
  return { type: 'rich_text_list', style: 'bullet', elements: items.map(section) };
}

export function plain(value: string, charsMax: number): PlainText {
  return { type: 'plain_text', text: literal(value, charsMax), emoji: false };
}

/** For texts of this project. Text from a task passes `literal` first. */
export function text(value: string): Inline {
  return { type: 'text', text: value };
}

export function bold(value: string): Inline {
  return { type: 'text', text: value, style: { bold: true } };
}

export function code(value: string): Inline {
  return { type: 'text', text: value, style: { code: true } };
}

/** Slack shows it in the reader's time zone: `Today at 10:02`. */
export function date(at: Millis): Inline {
  return {
    type: 'date',
    timestamp: Math.floor(at / 1000),
    format: '{date_short_pretty} at {time}',
    fallback: `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  };
}

/** `10:28`, for the end of an interval that a `date` starts. */
export function time(at: Millis): Inline {
  const fallback = `${new Date(at).toISOString().slice(11, 16)} UTC`;
  return { type: 'date', timestamp: Math.floor(at / 1000), format: '{time}', fallback };
}

const idPattern = /^[UWSC][A-Z0-9]{1,30}$/;
const personPattern = /^[UW][A-Z0-9]{1,30}$/;

/** The element that mentions `id`; undefined if it is no id of a user, a user group or a channel. */
export function mention(id: string): Inline | undefined {
  if (!idPattern.test(id)) return undefined;
  if (id.startsWith('S')) return { type: 'usergroup', usergroup_id: id };
  if (id.startsWith('C')) return { type: 'channel', channel_id: id };
  return { type: 'user', user_id: id };
}

/** The author of an action: a mention for a user id, the text itself for anything else (`cli`, `sentry`). */
export function actor(by: string): Inline {
  return personPattern.test(by) ? { type: 'user', user_id: by } : text(literal(by, 80));
}

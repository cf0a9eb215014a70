/**
 * Slack's checks of a message, with Slack's error names, and the mentions and links that a message contains. Refuses blocks
 * and elements that taskvigil does not use.
 */
type Fields = Readonly<Record<string, unknown>>;

export interface Entities {
  /** `user:U1`, `usergroup:S1`, `channel:C1`, `broadcast:channel`. */
  readonly mentions: string[];
  readonly links: string[];
}

const blocksMax = 50;
/** Not in Slack's documentation; the sum over all blocks beyond which msg_blocks_too_long has been seen. */
const blockCharsMax = 13_200;

/** Slack's error for this content, or undefined when it would be taken. */
export function contentErrorOf(message: { text: unknown; blocks: unknown; metadata: unknown }): string | undefined {
  const { text, blocks, metadata } = message;
  const hasBlocks = Array.isArray(blocks) && blocks.length > 0;
  if (!hasBlocks && (typeof text !== 'string' || text === '')) return 'no_text';
  if (typeof text === 'string' && text.length > 40_000) return 'msg_too_long';
  if (metadata !== undefined && !isMetadata(metadata)) return 'invalid_metadata_format';
  if (blocks === undefined) return undefined;
  if (!Array.isArray(blocks)) return 'invalid_blocks_format';
  if (blocks.length > blocksMax || !blocks.every(isBlock) || !haveOwnBlockIds(blocks)) return 'invalid_blocks';
  return charsOf(blocks) > blockCharsMax ? 'msg_blocks_too_long' : undefined;
}

/** Characters in all texts of the blocks, URLs included. */
export function charsOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((sum, [name, inner]) => {
    const isText = typeof inner === 'string' && (name === 'text' || name === 'url' || name === 'fallback');
    return sum + (isText ? inner.length : charsOf(inner));
  }, 0);
}

/** The mentions and links of a message. */
export function entitiesOf(message: {
  text?: unknown;
  blocks?: unknown;
  parse?: unknown;
  link_names?: unknown;
}): Entities {
  const found: Entities = { mentions: [], links: [] };
  addFromMarkup(found, typeof message.text === 'string' ? message.text : '', message.parse !== 'none');
  if (message.link_names === true || message.link_names === 'true' || message.link_names === '1') {
    found.mentions.push('broadcast:link_names');
  }
  addFromBlocks(found, message.blocks);
  return found;
}

/** The text that a reader sees in blocks, one entry per line. */
export function visibleLines(blocks: readonly unknown[]): string[] {
  return blocks.flatMap((block) => linesIn(block)).filter((line) => line !== '');
}

function linesIn(value: unknown): string[] {
  if (!isFields(value)) return [];
  const { type, text, elements, options, placeholder, fallback } = value;
  const id = value['user_id'] ?? value['usergroup_id'] ?? value['channel_id'];
  if (type === 'date') return [String(fallback)];
  if (typeof id === 'string') return [id];
  if (typeof text === 'string') return [text];
  if (type === 'static_select') return linesIn(placeholder);
  if (Array.isArray(options)) return options.flatMap(linesIn);
  if (typeof text === 'object') return linesIn(text);
  if (!Array.isArray(elements)) return [];
  const parts = elements.map(linesIn);
  return type === 'rich_text_section' ? parts.flat().join('').split('\n') : parts.flat();
}

function addFromMarkup(found: Entities, markup: string, isParsed: boolean): void {
  for (const [, entity = ''] of markup.matchAll(/<([^<>]*)>/g)) {
    if (entity.startsWith('!date^')) continue;
    if (entity.startsWith('@')) found.mentions.push(`user:${entity.slice(1)}`);
    else if (entity.startsWith('#')) found.mentions.push(`channel:${entity.slice(1)}`);
    else if (entity.startsWith('!')) found.mentions.push(`broadcast:${entity.slice(1)}`);
    else found.links.push(entity);
  }
  if (isParsed) found.links.push(...(markup.match(/\bhttps?:\/\/\S+/g) ?? []));
}

function addFromBlocks(found: Entities, value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const element = value as Fields;
  if (element['type'] === 'mrkdwn') addFromMarkup(found, String(element['text']), element['verbatim'] !== true);
  if (element['type'] === 'user') found.mentions.push(`user:${element['user_id']}`);
  if (element['type'] === 'usergroup') found.mentions.push(`usergroup:${element['usergroup_id']}`);
  if (element['type'] === 'channel') found.mentions.push(`channel:${element['channel_id']}`);
  if (element['type'] === 'broadcast') found.mentions.push(`broadcast:${element['range']}`);
  if (element['type'] === 'link') found.links.push(String(element['url']));
  for (const inner of Object.values(element)) addFromBlocks(found, inner);
}

function isMetadata(value: unknown): boolean {
  if (!isFields(value) || typeof value['event_type'] !== 'string' || value['event_type'] === '') return false;
  return isFields(value['event_payload']);
}

function isBlock(value: unknown): boolean {
  if (!isFields(value)) return false;
  switch (value['type']) {
    case 'header':
      return isPlainText(value['text'], 150);
    case 'context':
      return isList(value['elements'], 10, (element) => isPlainText(element, 3_000) || isMarkup(element, 3_000));
    case 'section':
      return isPlainText(value['text'], 3_000) || isMarkup(value['text'], 3_000);
    case 'divider':
      return true;
    case 'rich_text':
      return isList(value['elements'], 100, isRichTextPart);
    case 'actions':
      return isId(value['block_id']) && isList(value['elements'], 25, isControl) && haveOwnIds(value['elements']);
    default:
      return false;
  }
}

function haveOwnBlockIds(blocks: readonly unknown[]): boolean {
  const ids = blocks.map((block) => (block as Fields)['block_id']).filter((id) => id !== undefined);
  return new Set(ids).size === ids.length;
}

function isRichTextPart(value: unknown): boolean {
  if (!isFields(value)) return false;
  if (value['type'] === 'rich_text_list') {
    const isItem = (item: unknown) => isFields(item) && item['type'] === 'rich_text_section' && isRichTextPart(item);
    return ['bullet', 'ordered'].includes(String(value['style'])) && isList(value['elements'], 1_000, isItem);
  }
  if (value['type'] !== 'rich_text_section' && value['type'] !== 'rich_text_preformatted') return false;
  const isPreformatted = value['type'] === 'rich_text_preformatted';
  return isList(value['elements'], 1_000, (element) => isInline(element, isPreformatted));
}

function isInline(value: unknown, isPreformatted: boolean): boolean {
  if (!isFields(value)) return false;
  switch (value['type']) {
    case 'text':
      return isText(value['text'], 3_000);
    case 'link':
      return isText(value['url'], 3_000) && /^https?:\/\//.test(String(value['url']));
    case 'date':
      return Number.isInteger(value['timestamp']) && isText(value['format'], 200) && isText(value['fallback'], 200);
    case 'user':
      return !isPreformatted && /^[UW][A-Z0-9]+$/.test(String(value['user_id']));
    case 'usergroup':
      return !isPreformatted && /^S[A-Z0-9]+$/.test(String(value['usergroup_id']));
    case 'channel':
      return !isPreformatted && /^C[A-Z0-9]+$/.test(String(value['channel_id']));
    default:
      return false;
  }
}

function isControl(value: unknown): boolean {
  if (!isFields(value) || !isId(value['action_id'])) return false;
  switch (value['type']) {
    case 'button': {
      const isStyled = [undefined, 'primary', 'danger'].includes(value['style'] as string | undefined);
      const isValued = value['value'] === undefined || isText(value['value'], 2_000);
      return isPlainText(value['text'], 75) && isStyled && isValued;
    }
    case 'static_select':
      return isPlainText(value['placeholder'], 150) && isList(value['options'], 100, isOption);
    case 'overflow':
      return isList(value['options'], 5, isOption) && (value['options'] as unknown[]).length >= 2;
    default:
      return false;
  }
}

function isOption(value: unknown): boolean {
  return isFields(value) && isPlainText(value['text'], 75) && isText(value['value'], 75);
}

function isId(value: unknown): boolean {
  return isText(value, 255);
}

function haveOwnIds(controls: unknown): boolean {
  const ids = (controls as Fields[]).map((control) => control['action_id']);
  return new Set(ids).size === ids.length;
}

function isPlainText(value: unknown, charsMax: number): boolean {
  return isFields(value) && value['type'] === 'plain_text' && isText(value['text'], charsMax);
}

function isMarkup(value: unknown, charsMax: number): boolean {
  return isFields(value) && value['type'] === 'mrkdwn' && isText(value['text'], charsMax);
}

function isText(value: unknown, charsMax: number): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= charsMax && value.isWellFormed();
}

function isList(value: unknown, itemsMax: number, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length >= 1 && value.length <= itemsMax && value.every(isItem);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Prints the sample configuration file, config/taskvigil.yaml, from the declarations. */
import { parse, stringify } from 'yaml';
import { configuration } from '../config.ts';
import { type Declarations, fileKeyOf, type Option, type Section } from '../option.ts';

const introduction = `# yaml-language-server: $schema=./taskvigil.schema.json
# Every option of taskvigil with its default. An option behind a "#" is off until you remove the "#". Durations have a
# unit (500ms, 30s, 5m, 1h, 1d). \`taskvigil check\` explains the meaning of a file and lists all problems in it.
#
# Secrets: \${env:NAME}, \${env:NAME:-default} and \${file:/path} work only in URLs, tokens, DSNs and headers.
# TASKVIGIL_… variables take precedence over this file; docs/configuration.md lists them.
`;

export function sampleFile(): string {
  const entries = Object.entries(configuration.options)
    .map(([key, node]) => sampleLines({ [key]: node }))
    .filter((lines) => lines.length > 0);
  return `${[introduction, ...entries.map((lines) => `${lines.join('\n')}\n`)].join('\n')}`;
}

/** Lines of the sample file for `declarations`, each option with its comment above it. */
export function sampleLines(declarations: Declarations): string[] {
  return Object.entries(declarations).flatMap(([key, node]) =>
    node.kind === 'section' ? sectionLines(key, node) : optionLines(key, node),
  );
}

function sectionLines(key: string, node: Section): string[] {
  const inner = sampleLines(node.options);
  const isCommented =
    (node.isOptional === true && node.isShown !== true) || inner.every((line) => line.startsWith('#'));
  // A section without a value in it is commented out as a whole, so its options are not commented out once more.
  const body = isCommented ? inner.map(uncommented) : inner;
  const lines = [`${key}:`, ...body.map((line) => `  ${line}`)];
  return [...commentLines(node.about), ...(isCommented ? lines.map((line) => `#${line}`) : lines)];
}

function optionLines(key: string, node: Option): string[] {
  if (node.isHidden === true) return [];
  const { sample, shown } = node;
  const value = sample ?? shown ?? writtenValue(node.default);
  const lines = value.startsWith('\n')
    ? [`${key}:`, ...value.slice(1).split('\n').map(indented)]
    : [`${key}: ${value}`];
  const isCommented = sample !== undefined && node.isRequired !== true;
  return [
    ...commentLines(node.about),
    ...(isCommented ? lines.map((line) => `#${line}`) : lines),
    ...(node.fileKey === undefined
      ? []
      : [...commentLines(`Instead of ${key}: a file that contains it.`), `#${fileKeyOf(key)}: ${node.fileKey}`]),
  ];
}

/** A comment has a space behind its "#", an option that is commented out has none. */
function uncommented(line: string): string {
  return line.replace(/^#(?! \S)/, '');
}

function indented(line: string): string {
  return line === '' ? '' : `  ${line}`;
}

const lineCharsMax = 118;

function commentLines(text: string | undefined): string[] {
  if (text === undefined) return [];
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = [];
    for (const word of paragraph.split(' ')) {
      const last = lines.at(-1);
      if (last === undefined || last.length + 1 + word.length > lineCharsMax) lines.push(`# ${word}`);
      else lines[lines.length - 1] = `${last} ${word}`;
    }
    return lines;
  });
}

/** YAML on one line. Words that YAML 1.1 reads as a boolean are quoted, for tools that still read it so. */
export function writtenValue(value: unknown): string {
  if (typeof value !== 'string') return stringify(value, { collectionStyle: 'flow' }).trimEnd();
  const isPlain = /^[\w/][^\s#"']*$/.test(value) && !/^(?:on|off|yes|no|y|n)$/i.test(value) && parse(value) === value;
  return isPlain ? value : JSON.stringify(value);
}

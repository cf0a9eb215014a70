/** Prints declarations as lines of a YAML file, each option with its comment above it. */
import { type ConfigOption, type Declarations, fileKeyOf, type Section } from '../option.ts';
import { writtenValue } from '../values/written-value.ts';

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

function optionLines(key: string, node: ConfigOption): string[] {
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

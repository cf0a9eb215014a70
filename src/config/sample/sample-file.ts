/** Prints the sample configuration file, config/taskvigil.yaml, from the declarations. */
import { configuration } from '../config.ts';
import { sampleLines } from './sample-lines.ts';

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

/** The sample file with all options switched on: a comment has one space behind its "#", an option none or several. */
export function everythingOn(sample: string): string {
  return sample.replace(/^( *)#(?! \S)/gm, '$1');
}

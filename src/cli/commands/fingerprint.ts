import { explainCommand } from '../explain.ts';
import { fingerprintCommand as fingerprintLines, parseCommand } from '../fingerprint.ts';
import { configOption, defineCommand, streamsOf, UsageError } from './command.ts';
import { loadFor, offlineConfig } from './config-file.ts';

export const fingerprintCommand = defineCommand({
  name: 'fingerprint',
  usage: [
    {
      args: '--ndjson [--parse] [-c FILE]',
      text: 'reads failed events and prints their groups; with --parse reads tracebacks and prints their parts',
    },
    {
      args: 'explain [--task NAME] [-c FILE]',
      text: 'explains the group and the class of the traceback or event on standard input',
    },
  ],
  options: {
    ...configOption,
    ndjson: { type: 'boolean', text: 'reads and writes one JSON object per line' },
    parse: { type: 'boolean', text: 'reads tracebacks and prints their frames' },
    task: { type: 'string', value: 'NAME', text: 'name of the task of a traceback' },
  },
  run({ values, operands, host }) {
    const config = loadFor(host, { file: values.config, fallback: offlineConfig });
    if (operands[0] === 'explain') return explainCommand(streamsOf(host), config, values.task);
    if (values.ndjson !== true) throw new UsageError('fingerprint: expected --ndjson, --ndjson --parse, or explain');
    return values.parse === true ? parseCommand(streamsOf(host)) : fingerprintLines(streamsOf(host), config);
  },
});

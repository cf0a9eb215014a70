import { redactCommand as redactInput } from '../redact.ts';
import { configOption, defineCommand, streamsOf } from './command.ts';
import { loadFor, offlineConfig } from './config-file.ts';

export const redactCommand = defineCommand({
  name: 'redact',
  usage: [
    {
      args: '[--ndjson] [--explain] [-c FILE]',
      text: 'copies standard input without its secrets',
    },
  ],
  options: {
    ...configOption,
    ndjson: { type: 'boolean', text: 'reads and writes one JSON object per line: id, field, text' },
    explain: { type: 'boolean', text: 'lists each redacted value on standard error: place, kind and rule' },
  },
  run({ values, host }) {
    const config = loadFor(host, { file: values.config, fallback: offlineConfig });
    return redactInput({
      ...streamsOf(host),
      options: config.redact,
      isNdjson: values.ndjson === true,
      isExplained: values.explain === true,
    });
  },
});

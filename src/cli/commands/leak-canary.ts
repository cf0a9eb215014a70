import { randomInt, randomUUID } from 'node:crypto';
import { leakCanaryCommand as searchLeaks } from '../leak-canary.ts';
import { configOption, defineCommand, formatOption, printerOf } from './command.ts';
import { loadFor, offlineConfig } from './config-file.ts';

/** Long enough to occur nowhere by chance; letters and digits only, so that no format escapes it. */
const canaryChars = 16;

export const leakCanaryCommand = defineCommand({
  name: 'leak-canary',
  usage: [
    {
      args: '[-c FILE] [--format json]',
      text: 'sends invented secrets through this configuration and reports every output that contains one',
    },
  ],
  options: { ...configOption, ...formatOption },
  run({ values, host }) {
    return searchLeaks({
      config: loadFor(host, { file: values.config, fallback: offlineConfig }),
      clock: host.clock,
      random: Math.random,
      make: () => `q${randomUUID().replaceAll('-', '')}`.slice(0, canaryChars - 1) + String(randomInt(10)),
      print: printerOf(host).print,
      format: values.format === 'json' ? 'json' : 'text',
    });
  },
});

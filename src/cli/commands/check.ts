import { check } from '../check.ts';
import { configOption, defineCommand, formatOption, printerOf } from './command.ts';
import { readText, requireFile } from './config-file.ts';

export const checkCommand = defineCommand({
  name: 'check',
  usage: [
    {
      args: '-c FILE [--without-secrets] [--format json]',
      text: 'validates a configuration and explains in sentences what it does',
    },
  ],
  options: {
    ...configOption,
    ...formatOption,
    'without-secrets': { type: 'boolean', text: 'accepts missing secrets, for a build machine that has none' },
  },
  run({ values, operands, host }) {
    const file = values.config ?? operands[0];
    requireFile(file);
    return check({
      text: file === undefined ? '' : readText(file),
      file: file ?? 'environment',
      env: host.env,
      hostname: host.hostname,
      readFile: readText,
      withoutSecrets: values['without-secrets'] === true,
      now: host.clock.now(),
      print: printerOf(host).print,
      format: values.format === 'json' ? 'json' : 'text',
    });
  },
});

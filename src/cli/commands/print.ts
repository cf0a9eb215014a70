import { configJsonSchemaText } from '../../config/sample/json-schema.ts';
import { version } from '../../version.ts';
import { defineCommand, exitCode } from './command.ts';

export const schemaCommand = defineCommand({
  name: 'schema',
  usage: [{ args: '', text: 'prints the JSON Schema of the configuration, for editors' }],
  options: {},
  run({ host }) {
    host.stdout.write(configJsonSchemaText());
    return exitCode.ok;
  },
});

export const versionCommand = defineCommand({
  name: 'version',
  usage: [{ args: '', text: 'prints the version' }],
  options: {},
  run({ host }) {
    host.stdout.write(`taskvigil ${version}\n`);
    return exitCode.ok;
  },
});

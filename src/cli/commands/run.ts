import { createConfigReader } from '../../config/reader.ts';
import { serve } from '../../daemon/serve.ts';
import { ListenError } from '../../status/listen-error.ts';
import { CommandError, configOption, defineCommand, exitCode } from './command.ts';
import { acceptedConfig, readText, requireFile, requireRedaction } from './config-file.ts';

export const runCommand = defineCommand({
  name: 'run',
  usage: [{ args: '-c FILE', text: 'observes the broker until SIGTERM' }],
  options: configOption,
  async run({ values: { config: file }, host }) {
    requireFile(file);
    const { env, hostname, clock } = host;
    const reader = createConfigReader({ file, env, hostname, readFile: readText, now: () => clock.now() });
    const { loaded, stamp } = reader.read();
    const config = requireRedaction(acceptedConfig(loaded, host));
    try {
      return await serve(
        { config, clock },
        { host, title: config.instanceId, isDemo: false, reading: { reader, stamp } },
      );
    } catch (error) {
      if (error instanceof ListenError) throw new CommandError(exitCode.config, [error.message]);
      throw error;
    }
  },
});

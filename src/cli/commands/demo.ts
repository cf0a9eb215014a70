import { shownChannel } from '../../config/policy/policy.ts';
import { serve } from '../../daemon/serve.ts';
import { ListenError } from '../../status/listen-error.ts';
import { createDemo, demoConfig } from '../demo.ts';
import { CommandError, type CommandHost, defineCommand, exitCode, portIn, printerOf } from './command.ts';
import { loadFor } from './config-file.ts';

const pagePortDefault = '8080';

export const demoCommand = defineCommand({
  name: 'demo',
  usage: [{ args: '[--port 8080]', text: 'plays a recorded fleet through the whole pipeline, with a status page' }],
  options: {
    port: {
      type: 'string',
      value: 'N',
      text: `port of the status page; default ${pagePortDefault}, 0 takes a free one`,
    },
    exit: { type: 'boolean', text: 'ends after the incidents have resolved' },
  },
  async run({ values, host }) {
    const { print } = printerOf(host);
    const config = loadFor(host, {
      file: undefined,
      fallback: demoConfig(portIn(values.port ?? pagePortDefault, 0), slackChannelOf(host)),
    });
    const over = new AbortController();
    const { clock, source } = createDemo(() => {
      print(
        '  The recording has ended. Incidents resolve after ten minutes without failures, which take seconds here.',
      );
      print('  Next, with your own broker: npm run --silent taskvigil -- run -c config/minimal.yaml');
      print('  Press Ctrl-C to stop.');
      if (values.exit === true) clock.after(15 * 60_000, () => over.abort());
    }, host.clock);
    const started = (page: string | undefined): void => {
      print(
        'taskvigil demo: two minutes of a recorded Celery fleet through the whole pipeline, at six times the speed.',
      );
      print(`  Status page: ${page}`);
    };
    try {
      return await serve(
        { config, clock, sources: () => [source] },
        { host, title: 'demo', isDemo: true, until: over.signal, started },
      );
    } catch (error) {
      if (error instanceof ListenError)
        throw new CommandError(exitCode.config, [error.message.replace(error.option, '--port')]);
      throw error;
    }
  },
});

/** A channel only with a token, so that the demo does not require Slack. */
function slackChannelOf({ env }: CommandHost): string | undefined {
  return env['SLACK_BOT_TOKEN'] === undefined ? undefined : (env['SLACK_CHANNEL'] ?? shownChannel);
}

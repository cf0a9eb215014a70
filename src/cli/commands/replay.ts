import { policyOf } from '../../config/policy/policy.ts';
import { replay } from '../replay.ts';
import { configOption, defineCommand, exitCode, printerOf, UsageError } from './command.ts';
import { loadFor, offlineConfig, replayLifecycle } from './config-file.ts';
import { playRecordings } from './recordings.ts';

export const replayCommand = defineCommand({
  name: 'replay',
  usage: [
    {
      args: 'FILE… --out DIR [-c FILE]',
      text: 'runs recordings through the pipeline without a network and writes every span, log, event and notification',
    },
  ],
  options: {
    ...configOption,
    out: { type: 'string', short: 'o', value: 'DIR', text: 'directory for the results' },
  },
  async run({ values, operands: files, host }) {
    const { out: outDir, config: file } = values;
    if (files.length === 0 || outDir === undefined) throw new UsageError('replay: expected FILE… --out DIR');
    const config = loadFor(host, { file, fallback: offlineConfig });
    const { environment = 'replay', release, grouping = 'taskvigil' } = config.sentry ?? {};
    const summary = await playRecordings(host, files, (callbacks) =>
      replay({
        files,
        outDir,
        policy: policyOf(config),
        redact: config.redact,
        lifecycle: replayLifecycle(config),
        failures: config.failures,
        sentry: { environment, release, grouping },
        ...callbacks,
      }),
    );
    printerOf(host).print(JSON.stringify(summary));
    return summary.bugs > 0 ? exitCode.bug : exitCode.ok;
  },
});

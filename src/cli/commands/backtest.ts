import { policyOf } from '../../config/policy/policy.ts';
import { backtest, backtestLines } from '../backtest.ts';
import { configOption, defineCommand, exitCode, formatOption, printerOf, UsageError } from './command.ts';
import { loadFor, offlineConfig, replayLifecycle } from './config-file.ts';
import { playRecordings } from './recordings.ts';

export const backtestCommand = defineCommand({
  name: 'backtest',
  usage: [
    {
      args: 'FILE… [-c FILE] [--against FILE] [--per-week N] [--format json]',
      text: 'lists the notifications of one policy, or the differences of two, and suggests thresholds from recordings',
    },
  ],
  options: {
    ...configOption,
    ...formatOption,
    against: { type: 'string', value: 'FILE', text: 'second configuration, whose policy is compared with the first' },
    'per-week': { type: 'string', value: 'N', text: 'messages per task and week for the suggestions; default 1' },
  },
  async run({ values, operands: files, host }) {
    const { config: file, against: otherFile, 'per-week': perWeekText = '1' } = values;
    const perWeek = Number(perWeekText);
    if (files.length === 0) throw new UsageError('backtest: expected FILE… -c a.yaml [--against b.yaml]');
    if (!(perWeek > 0)) throw new UsageError('--per-week: expected a number above 0');
    const config = loadFor(host, { file, fallback: offlineConfig, withoutSecrets: true });
    const other = otherFile === undefined ? undefined : loadFor(host, { file: otherFile, withoutSecrets: true });
    const result = await playRecordings(host, files, (callbacks) =>
      backtest({
        files,
        policy: { name: file ?? 'the defaults', policy: policyOf(config) },
        against: other && otherFile !== undefined ? { name: otherFile, policy: policyOf(other) } : undefined,
        redact: config.redact,
        lifecycle: replayLifecycle(config),
        failures: config.failures,
        perWeek,
        ...callbacks,
      }),
    );
    const lines = values.format === 'json' ? [JSON.stringify(result)] : backtestLines(result, perWeek);
    for (const line of lines) printerOf(host).print(line);
    return result.bugs > 0 ? exitCode.bug : exitCode.ok;
  },
});

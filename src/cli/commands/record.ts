import { randomUUID } from 'node:crypto';
import type { Config } from '../../config/config.ts';
import { policyOf } from '../../config/policy/policy.ts';
import { createDaemon } from '../../daemon/daemon.ts';
import { createRecorder } from '../../daemon/recorder.ts';
import { aborted } from '../../daemon/serve.ts';
import { createLog } from '../../runtime/log.ts';
import { createReporter } from '../../runtime/reporter.ts';
import { createMetrics } from '../../status/metrics.ts';
import { version } from '../../version.ts';
import { CommandError, configOption, defineCommand, exitCode } from './command.ts';
import { loadFor, requireRedaction } from './config-file.ts';
import { fileOutput, LineOutput } from './line-output.ts';

export const recordCommand = defineCommand({
  name: 'record',
  usage: [
    {
      args: '-c FILE [-o FILE] [--decisions FILE]',
      text: 'writes redacted events, and every other input of the decisions, as NDJSON until SIGTERM',
    },
  ],
  options: {
    ...configOption,
    out: { type: 'string', short: 'o', value: 'FILE', text: 'file for the recording; default: standard output' },
    decisions: { type: 'string', value: 'FILE', text: 'file for the decisions of this daemon' },
  },
  async run({ values, host }) {
    const config = requireRedaction(loadFor(host, { file: values.config }));
    const { clock, stdout, stderr } = host;
    const policy = policyOf(config);
    const failed = new AbortController();
    const onFailed = (problem: string): void => failed.abort(problem);
    const out =
      values.out === undefined
        ? new LineOutput(stdout, false, { name: 'standard output', onFailed })
        : fileOutput(values.out, onFailed);
    const decisions = values.decisions === undefined ? undefined : fileOutput(values.decisions, onFailed);
    const log = createLog({ write: (line) => void stderr.write(line), ...config.log, clock });
    const daemon = await createDaemon({
      config: withoutSinks(config),
      policy,
      clock,
      random: Math.random,
      report: createReporter({ log, metrics: createMetrics({ version, mode: config.mode }) }),
      instance: randomUUID(),
      recorder: createRecorder({
        clock,
        version,
        policy: policy.hash,
        write: (line) => out.write(line),
        writeDecision: (line) => decisions?.write(line),
      }),
    });
    await daemon.start();
    await aborted(AbortSignal.any([host.stopped, failed.signal]), clock);
    await daemon.stop();
    await Promise.all([out.end(), decisions?.end()]);
    if (failed.signal.aborted) throw new CommandError(exitCode.no, [`record: ${failed.signal.reason}`]);
    return exitCode.ok;
  },
});

/** The decisions of a recording daemon must not depend on other replicas, and it must not notify anyone. */
function withoutSinks(config: Config): Config {
  return {
    ...config,
    sentry: undefined,
    slack: undefined,
    webhook: undefined,
    otlp: { ...config.otlp, isOn: false },
    store: { ...config.store, url: undefined },
  };
}

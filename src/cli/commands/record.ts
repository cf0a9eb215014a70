import { randomUUID } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { Config } from '../../config/config.ts';
import { policyOf } from '../../config/policy/policy.ts';
import { createDaemon } from '../../daemon/daemon.ts';
import { createRecorder } from '../../daemon/recorder.ts';
import { aborted } from '../../daemon/serve.ts';
import { createLog } from '../../runtime/log.ts';
import { createReporter } from '../../runtime/reporter.ts';
import { createMetrics } from '../../status/metrics.ts';
import { version } from '../../version.ts';
import { configOption, defineCommand, exitCode } from './command.ts';
import { loadFor, requireRedaction } from './config-file.ts';

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
    const out = values.out === undefined ? undefined : privateFile(values.out);
    const decisions = values.decisions === undefined ? undefined : privateFile(values.decisions);
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
        write: (line) => void (out ?? stdout).write(`${line}\n`),
        writeDecision: (line) => void decisions?.write(`${line}\n`),
      }),
    });
    await daemon.start();
    await aborted(host.stopped, clock);
    await daemon.stop();
    await Promise.all([out, decisions].map(closed));
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

function privateFile(path: string): WriteStream {
  return createWriteStream(path, { mode: 0o600 });
}

async function closed(stream: WriteStream | undefined): Promise<void> {
  if (stream !== undefined) await new Promise<void>((resolve) => stream.end(() => resolve()));
}

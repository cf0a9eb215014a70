import { whyLines } from '../why.ts';
import { askDaemon } from '../why-daemon.ts';
import { askReplay } from '../why-replay.ts';
import { type CommandHost, configOption, defineCommand, exitCode, portIn, printerOf, UsageError } from './command.ts';
import { loadFor, offlineConfig } from './config-file.ts';

/** Port of `ops.listen` in the sample configuration. */
const opsPortDefault = 9_464;

export const whyCommand = defineCommand({
  name: 'why',
  usage: [
    {
      args: '--task NAME [--exception CLASS] [--queue NAME] [--pool NAME] -c FILE',
      text: 'explains how this policy treats a failure, and which entry of the file decides it',
    },
    {
      args: 'ID [--port 9464 | --from DIR]',
      text: 'lists the decisions about an incident or a task, of a running taskvigil or of a replay written to DIR',
    },
  ],
  options: {
    ...configOption,
    task: { type: 'string', value: 'NAME', text: 'name of the task' },
    exception: { type: 'string', value: 'CLASS', text: 'class of the exception' },
    queue: { type: 'string', value: 'NAME', text: 'queue of the task' },
    pool: { type: 'string', value: 'NAME', text: 'pool of the worker' },
    port: {
      type: 'string',
      value: 'N',
      text: 'ops port of the running taskvigil; default: the one of the configuration',
    },
    from: { type: 'string', value: 'DIR', text: 'directory that a replay wrote' },
  },
  run({ values, operands, host }) {
    const { task, exception, queue, pool, config: file, from, port } = values;
    const [question] = operands;
    const printer = printerOf(host);
    if (question !== undefined && from !== undefined) return askReplay({ dir: from, question, ...printer });
    if (question !== undefined) {
      const opsPort = port === undefined ? opsPortOf(host, file) : portIn(port, 1);
      const address = `http://127.0.0.1:${opsPort}`;
      return askDaemon({ address, question, timeoutSignal: host.clock.timeoutSignal, ...printer });
    }
    if ([task, exception, queue, pool].every((value) => value === undefined))
      throw new UsageError('why: expected --task, --exception, --queue, --pool or an id');
    const config = loadFor(host, { file, fallback: offlineConfig, withoutSecrets: true });
    for (const line of whyLines(config, { task, exception, queue, pool }, host.clock.now())) printer.print(line);
    return exitCode.ok;
  },
});

function opsPortOf(host: CommandHost, file: string | undefined): number {
  return file === undefined ? opsPortDefault : loadFor(host, { file, withoutSecrets: true }).ops.listen.port;
}

/** The process as a command sees it, with its output kept as text. */
import { Writable } from 'node:stream';
import type { CommandHost } from '../../src/cli/commands/command.ts';
import { createSystemClock } from '../../src/runtime/clock.ts';

export interface FakeHost extends CommandHost {
  readonly out: () => string;
  readonly err: () => string;
  /** Stops the command like a signal. */
  readonly stop: (signal: string) => void;
  /** Calls the handler of SIGHUP. */
  readonly hangUp: () => void;
  /** Codes of `exit`, which does not end the test. */
  readonly exits: readonly number[];
}

export function createFakeHost({
  stdin = '',
  ...options
}: Partial<Omit<CommandHost, 'stdin'>> & { stdin?: string } = {}): FakeHost {
  const stopped = new AbortController();
  const [stdout, stderr] = [keptText(), keptText()];
  const exits: number[] = [];
  let onHangup: (() => void) | undefined;
  return {
    env: {},
    hostname: 'test-host',
    clock: createSystemClock(),
    stdin: () => bytesOf(stdin),
    stdout: stdout.stream,
    stderr: stderr.stream,
    stopped: stopped.signal,
    onHangup: (run) => {
      onHangup = run;
    },
    exit: (code) => exits.push(code),
    ...options,
    out: stdout.text,
    err: stderr.text,
    stop: (signal) => stopped.abort(signal),
    hangUp: () => onHangup?.(),
    exits,
  };
}

function keptText(): { readonly stream: Writable; readonly text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

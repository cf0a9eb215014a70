#!/usr/bin/env node
/** The process: arguments, signals, exit code. No other file reads the global process object. */
import { hostname } from 'node:os';
import { runProgram } from './cli/commands.ts';
import { createSystemClock } from './runtime/clock.ts';

// Node as process 1 ignores signals without a handler, so the handlers are set before anything else.
const stopped = new AbortController();
for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  process.on(signal, () => {
    if (stopped.signal.aborted) {
      process.stderr.write(`taskvigil: ended at once by a second signal (${signal}); what was not written is lost\n`);
      process.exit(code);
    }
    stopped.abort(signal);
  });
}

// The reader of a pipe may stop early, as `head` does; that is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`taskvigil: cannot write to standard output: ${error.message}\n`);
  process.exit(1);
});
// Without a reader of the log the work goes on.
process.stderr.on('error', () => {});

process.exitCode = await runProgram(process.argv.slice(2), {
  env: process.env,
  hostname: hostname(),
  clock: createSystemClock(),
  stdin: () => process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  stopped: stopped.signal,
  onHangup: (run) => void process.on('SIGHUP', run),
  exit: (code) => process.exit(code),
});

/** Runs a command over recordings: a progress bar on a terminal, bugs on standard error, unreadable files as exit code 1. */
import { existsSync, statSync } from 'node:fs';
import type { Report } from '../../report.ts';
import { type Progress, RecordingError } from '../../source/recording.ts';
import { createProgressBar, type ProgressBar } from '../playback/progress.ts';
import { CommandError, type CommandHost, exitCode, printerOf } from './command.ts';

export interface PlayCallbacks {
  readonly onNotice: Report;
  readonly onProgress: Progress;
}

/** Throws CommandError for a recording that cannot be read, with its place in the file. */
export async function playRecordings<Result>(
  host: CommandHost,
  files: readonly string[],
  play: (callbacks: PlayCallbacks) => Promise<Result>,
): Promise<Result> {
  const bar = createBar(host, files);
  const { complain } = printerOf(host);
  try {
    return await play({
      onNotice: (notice) => {
        if (notice.kind === 'bug') complain(`bug: ${notice.where}: ${String(notice.error)}`);
      },
      onProgress: (bytes) => bar?.add(bytes),
    });
  } catch (error) {
    const isExpected = error instanceof RecordingError || (error instanceof Error && 'code' in error);
    if (!isExpected) throw error;
    throw new CommandError(exitCode.no, [error.message]);
  } finally {
    bar?.end();
  }
}

function createBar({ stderr, clock }: CommandHost, files: readonly string[]): ProgressBar | undefined {
  if (stderr.isTTY !== true) return undefined;
  const total = files.reduce((sum, file) => sum + (existsSync(file) ? statSync(file).size : 0), 0);
  return createProgressBar(
    total,
    (text) => void stderr.write(text),
    () => clock.now(),
  );
}

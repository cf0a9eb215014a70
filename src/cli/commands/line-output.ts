/** A file or a pipe that a command writes lines to for as long as it runs. It may fail at any time: a full disk, a closed pipe. */
import { createWriteStream } from 'node:fs';

export interface LineOutputOptions {
  /** Name in messages: the path, or `standard output`. */
  readonly name: string;
  /** Called once, with a sentence for the operator. Later lines are dropped. */
  readonly onFailed: (problem: string) => void;
}

export class LineOutput {
  readonly #stream: NodeJS.WritableStream;
  /** A file is ended, standard output is not. */
  readonly #isOwned: boolean;
  #isFailed = false;
  #isEnding = false;

  constructor(stream: NodeJS.WritableStream, isOwned: boolean, { name, onFailed }: LineOutputOptions) {
    this.#stream = stream;
    this.#isOwned = isOwned;
    // The process ends at an error of standard output unless the command reports it.
    stream.removeAllListeners('error');
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (this.#isFailed) return;
      this.#isFailed = true;
      onFailed(`cannot write to ${name}: ${reasonOf(error)}`);
    });
  }

  /** Lines after the end or after a failure are dropped: what is observed during a stop may still come. */
  write(line: string): void {
    if (!this.#isFailed && !this.#isEnding) this.#stream.write(`${line}\n`);
  }

  /** Resolves when every line is written, or the output failed. */
  async end(): Promise<void> {
    if (this.#isFailed) return;
    this.#isEnding = true;
    await new Promise<void>((resolve) => {
      this.#stream.once('error', () => resolve());
      if (!this.#isOwned) {
        this.#stream.write('', () => resolve());
        return;
      }
      this.#stream.once('finish', () => resolve());
      this.#stream.end();
    });
  }
}

/** A new file that only the operator may read, because redacted data is still data. */
export function fileOutput(path: string, onFailed: LineOutputOptions['onFailed']): LineOutput {
  return new LineOutput(createWriteStream(path, { mode: 0o600 }), true, { name: path, onFailed });
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EPIPE: 'its reader has closed it',
  ENOENT: 'its folder does not exist',
  EACCES: 'permission denied',
  EROFS: 'the file system is read-only',
};

function reasonOf({ code = '', message }: NodeJS.ErrnoException): string {
  const reason = reasons[code];
  return reason === undefined ? message : `${reason} (${code})`;
}

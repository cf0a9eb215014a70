/** Reads the configuration from its files, with a stamp that changes when the content of one of them changes. */
import { createHash } from 'node:crypto';
import type { Environment } from './draft/environment.ts';
import { type Loaded, loadConfig } from './load.ts';

export interface ReaderOptions {
  /** The configuration file; undefined if the environment is the whole configuration. */
  readonly file: string | undefined;
  readonly env: Environment;
  readonly hostname: string;
  readonly readFile: (path: string) => string;
  readonly now: () => number;
}

export interface ConfigReading {
  readonly loaded: Loaded;
  /** Hash of the content of all files: modification times and link targets do not matter. */
  readonly stamp: string;
}

export interface ConfigReader {
  /** Reads all files and checks the configuration. An unreadable file is a problem, not an exception. */
  read(): ConfigReading;
  /** The current stamp of the files of the last read. */
  stamp(): string;
}

export function createConfigReader({ file, env, hostname, readFile, now }: ReaderOptions): ConfigReader {
  /** Content by path; the error code for a file that cannot be read. */
  let contents = new Map<string, string>();
  let hadText = false;

  function load(): Loaded {
    contents = new Map();
    let text = '';
    try {
      text = file === undefined ? '' : remember(file);
    } catch (error) {
      return refused(`expected a readable file, got ${codeOf(error)}`);
    }
    // An editor truncates a file before it writes, and an empty file would be a valid configuration.
    if (text.trim() === '' && hadText) return refused('expected the configuration, this file is empty');
    const loaded = loadConfig({ text, file: file ?? 'environment', env, hostname, readFile: remember, now: now() });
    hadText ||= loaded.ok && text.trim() !== '';
    return loaded;
  }

  function remember(path: string): string {
    try {
      const content = readFile(path);
      contents.set(path, content);
      return content;
    } catch (error) {
      contents.set(path, codeOf(error));
      throw error;
    }
  }

  function refused(message: string): Loaded {
    return { ok: false, problems: [{ where: file ?? '', path: '', message }], warnings: [], mode: 'standalone' };
  }

  return {
    read: () => ({ loaded: load(), stamp: stampOf(contents) }),
    stamp: () => stampOf([...contents.keys()].map((path): [string, string] => [path, contentOf(path, readFile)])),
  };
}

function stampOf(contents: Iterable<readonly [path: string, content: string]>): string {
  const hash = createHash('sha256');
  for (const [path, content] of contents) hash.update(`${path}\0${content}\0`);
  return hash.digest('hex');
}

function contentOf(path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unreadable';
}

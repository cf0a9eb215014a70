/** taskvigil check: lists the problems of a configuration, or describes its effect in plain words. */
import { type LoadInput, loadConfig } from '../config/load.ts';
import { problemLine } from '../config/problems.ts';
import { ignoredVariables } from '../sink/otlp/environment.ts';
import { meaningOf } from './config-meaning.ts';

export interface CheckOptions extends LoadInput {
  /** Called with one line at a time, without the newline. */
  readonly print: (line: string) => void;
  /** `json` prints one object: `{ ok, problems, warnings, meaning }`. */
  readonly format: 'text' | 'json';
}

/** Returns the exit code: 0, or 1 if there are problems. Never prints a secret. */
export function check(options: CheckOptions): number {
  const { print, format, file } = options;
  const loaded = loadConfig(options);
  const problems = loaded.ok ? [] : loaded.problems;
  const meaning = loaded.ok ? meaningOf(loaded.config) : [];
  const isExporting = loaded.ok && loaded.config.otlp.isOn;
  const warnings = [...loaded.warnings, ...(isExporting ? ignoredVariables(options.env) : [])];
  if (format === 'json') {
    print(JSON.stringify({ ok: loaded.ok, problems, warnings, meaning }));
    return loaded.ok ? 0 : 1;
  }
  for (const problem of problems) print(problemLine(problem));
  for (const warning of warnings) print(`warning: ${warning}`);
  if (loaded.ok) {
    print(`${file}: valid`);
    for (const line of meaning) print(line);
    return 0;
  }
  print(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`);
  return 1;
}

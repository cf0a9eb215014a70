/** A command of the program: its usage, its options, the function that runs it, and the parts of the process it may use. */
import type { Environment } from '../../config/draft/environment.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Input } from '../input-lines.ts';
import type { Streams } from '../lines.ts';

/** The process as commands see it. Only main.ts creates one from the real process. */
export interface CommandHost {
  readonly env: Environment;
  readonly hostname: string;
  readonly clock: Clock;
  /** Opens standard input. Only a command that reads it may call this, because an open input keeps the process alive. */
  readonly stdin: () => Input;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** Aborted with the signal's name on SIGTERM and SIGINT. */
  readonly stopped: AbortSignal;
  /** Replaces the default of SIGHUP, which ends the process. */
  readonly onHangup: (run: () => void) => void;
  /** Ends the process at once, although clients still hold sockets. */
  readonly exit: (code: number) => void;
}

export const exitCode = { ok: 0, no: 1, usage: 64, bug: 70, config: 78 } as const;

/** Ends a command with an exit code and a text for standard error; every line of it is complete. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, lines: readonly string[]) {
    super(lines.join('\n'));
    this.exitCode = exitCode;
  }
}

/** Wrong arguments: the message and the help are printed, and the exit code is 64. */
export class UsageError extends Error {}

export interface CommandOption {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** Placeholder of the value in the help: `FILE`. */
  readonly value?: string;
  readonly text: string;
}

export type CommandOptions = Readonly<Record<string, CommandOption>>;

export type OptionValues<Options extends CommandOptions> = {
  readonly [Name in keyof Options]?: ValueOf<Options[Name]['type']> | undefined;
};

type ValueOf<Type> = Type extends 'string' ? string : boolean;

export interface Invocation<Options extends CommandOptions> {
  readonly values: OptionValues<Options>;
  /** Arguments after the command's name that are no options. */
  readonly operands: readonly string[];
  readonly host: CommandHost;
}

export interface Usage {
  /** Arguments after the command's name. */
  readonly args: string;
  readonly text: string;
}

export interface Command<Options extends CommandOptions = CommandOptions> {
  readonly name: string;
  readonly usage: readonly Usage[];
  readonly options: Options;
  /** Returns the exit code. Throws UsageError and CommandError for expected problems; any other error is a bug. */
  run(invocation: Invocation<Options>): number | Promise<number>;
}

/** Infers the types of `values` from `options`. */
export function defineCommand<const Options extends CommandOptions>(command: Command<Options>): Command {
  return command;
}

/** Declared once, because many commands have it. */
export const configOption = {
  config: { type: 'string', short: 'c', value: 'FILE', text: 'configuration file; default: the environment alone' },
} as const satisfies CommandOptions;

export const formatOption = {
  format: { type: 'string', value: 'json', text: 'prints one JSON object' },
} as const satisfies CommandOptions;

export interface Printer {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

/** Whole lines to standard output and standard error. */
export function printerOf({ stdout, stderr }: Pick<CommandHost, 'stdout' | 'stderr'>): Printer {
  return {
    print: (line) => void stdout.write(`${line}\n`),
    complain: (line) => void stderr.write(`${line}\n`),
  };
}

/** Standard input and output for a command that streams. Opens standard input. */
export function streamsOf(host: CommandHost): Streams {
  return {
    input: host.stdin(),
    write: (text) =>
      new Promise((resolve) => {
        if (host.stdout.write(text)) resolve();
        else host.stdout.once('drain', resolve);
      }),
    complain: printerOf(host).complain,
  };
}

/** The port in an option's text. Throws UsageError for a text that is no number from `min` to 65535. */
export function portIn(text: string, min: 0 | 1): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < min || port > 65_535)
    throw new UsageError(`--port: expected a number from ${min} to 65535`);
  return port;
}

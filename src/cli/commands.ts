/** The commands of the program: finds the one that was asked for, checks its options, runs it, and prints the help. */
import { parseArgs } from 'node:util';
import { backtestCommand } from './commands/backtest.ts';
import { checkCommand } from './commands/check.ts';
import {
  type Command,
  CommandError,
  type CommandHost,
  type CommandOptions,
  exitCode,
  UsageError,
} from './commands/command.ts';
import { demoCommand } from './commands/demo.ts';
import { fingerprintCommand } from './commands/fingerprint.ts';
import { leakCanaryCommand } from './commands/leak-canary.ts';
import { schemaCommand, versionCommand } from './commands/print.ts';
import { recordCommand } from './commands/record.ts';
import { redactCommand } from './commands/redact.ts';
import { replayCommand } from './commands/replay.ts';
import { runCommand } from './commands/run.ts';
import { whyCommand } from './commands/why.ts';

const commands: readonly Command[] = [
  runCommand,
  checkCommand,
  whyCommand,
  schemaCommand,
  demoCommand,
  recordCommand,
  replayCommand,
  backtestCommand,
  redactCommand,
  leakCanaryCommand,
  fingerprintCommand,
  versionCommand,
];

/** Runs the program with its arguments and returns its exit code. Only bugs are thrown. */
export async function runProgram(args: readonly string[], host: CommandHost): Promise<number> {
  try {
    return await dispatch(args, host);
  } catch (error) {
    if (error instanceof UsageError) {
      host.stderr.write(`taskvigil: ${error.message}\n\n${helpText()}`);
      return exitCode.usage;
    }
    if (error instanceof CommandError) {
      host.stderr.write(`${error.message}\n`);
      return error.exitCode;
    }
    throw error;
  }
}

async function dispatch(args: readonly string[], host: CommandHost): Promise<number> {
  const { help, values, operands } = parse(args);
  const [name, ...rest] = operands;
  if (name === undefined || name === 'help') {
    host.stdout.write(rest[0] === undefined ? helpText() : commandHelp(commandOf(rest[0])));
    return name === undefined && !help ? exitCode.usage : exitCode.ok;
  }
  const command = commandOf(name);
  if (help) {
    host.stdout.write(commandHelp(command));
    return exitCode.ok;
  }
  for (const option of Object.keys(values))
    if (command.options[option] === undefined) throw new UsageError(`${name}: there is no option --${option}`);
  return command.run({ values, operands: rest, host });
}

function commandOf(name: string): Command {
  const command = commands.find((one) => one.name === name);
  if (command === undefined) throw new UsageError(`there is no command "${name}"`);
  return command;
}

/** Reads the options of all commands, because the command's name may follow them. */
function parse(args: readonly string[]) {
  const all: CommandOptions = Object.assign({}, ...commands.map(({ options }) => options));
  const options = Object.fromEntries(
    Object.entries(all).map(([name, { type, short }]) => [name, short === undefined ? { type } : { type, short }]),
  );
  try {
    const parsed = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    const { help, ...values } = parsed.values as Record<string, string | boolean>;
    return { help: help === true, values, operands: parsed.positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'wrong arguments');
  }
}

const textColumn = 43;
const lineCharsMax = 120;

function helpText(): string {
  return [
    'taskvigil: observes Celery from outside; exports traces, logs, Sentry issues and a few Slack messages',
    '',
    ...commands.flatMap(usageLines),
    '',
    'taskvigil COMMAND --help lists the options of a command.',
    'Exit codes: 0 done, 1 the answer is no, 64 wrong usage, 70 a bug, 78 wrong configuration, 130/143 ended by a second signal.',
    '',
  ].join('\n');
}

function commandHelp(command: Command): string {
  const options = Object.entries(command.options).flatMap(([name, { short, value, text }]) =>
    columns(`  ${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`, text),
  );
  return [...usageLines(command), ...(options.length === 0 ? [] : ['', 'Options:', ...options]), ''].join('\n');
}

function usageLines({ name, usage }: Command): string[] {
  return usage.flatMap(({ args, text }) => columns(`  taskvigil ${name}${args === '' ? '' : ` ${args}`}`, text));
}

/** The text beside the usage, or below it where the usage is too long, broken into lines. */
function columns(usage: string, text: string): string[] {
  const lines = wrapped(text, lineCharsMax - textColumn);
  if (usage.length >= textColumn - 1) return [usage, ...lines.map((line) => ' '.repeat(textColumn) + line)];
  return lines.map((line, index) => (index === 0 ? usage : '').padEnd(textColumn) + line);
}

function wrapped(text: string, charsMax: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > charsMax) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** Reads the inputs of a recording other than events. A file may come from anywhere, so every field is checked. */
import type { AlertCommand } from '../../alert/incidents/command.ts';
import type { Matcher } from '../../alert/policy.ts';
import type { WitnessKind } from '../../event/testimony.ts';
import type { AlertInput } from '../../notify/alert-input.ts';
import type { PipelineInput } from '../../pipeline.ts';
import { RecordingError } from '../../source/recording.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Throws RecordingError for a value that the recorder does not write. */
export function inputOf(value: Fields, place: string): Exclude<PipelineInput | AlertInput, { kind: 'event' }> {
  const isKnown = isInput(value);
  if (!isKnown) throw new RecordingError(`${place}: expected an input of a recording`);
  return value as never;
}

function isInput(value: Fields): boolean {
  switch (value['kind']) {
    case 'look':
      return true;
    case 'sweep':
    case 'settle':
      return isNumber(value['now']);
    case 'gap':
      return isFields(value['gap']) && isNumber(value['gap']['from']) && isNumber(value['gap']['to']);
    case 'listening':
      return typeof value['isListening'] === 'boolean';
    case 'testimony':
      return isWitness(value['witness']) && isText(value['id']) && isFields(value['answer']) && isNumber(value['now']);
    case 'depth':
      return isText(value['queue']) && isNumber(value['length']);
    case 'command':
      return isFields(value['command']) && isCommand(value['command']);
    default:
      return false;
  }
}

const witnesses: readonly WitnessKind[] = ['result-backend', 'broker', 'workers'];

export function isWitness(value: unknown): value is WitnessKind {
  return witnesses.includes(value as WitnessKind);
}

function isCommand(command: Fields): boolean {
  switch (command['what'] as AlertCommand['what']) {
    case 'ack':
    case 'resolve':
    case 'archive':
      return isText(command['incident']) && isText(command['by']);
    case 'snooze':
      return isText(command['incident']) && isText(command['by']) && isNumber(command['until']);
    case 'silence': {
      const silence = command['silence'];
      return isFields(silence) && isText(silence['id']) && isText(silence['by']) && isMatcher(silence['match']);
    }
    case 'unsilence':
      return isText(command['id']);
    case 'mark':
      return (command['state'] === 'resolved' || command['state'] === 'archived') && isMatcher(command['match']);
    case 'deploy': {
      const deploy = command['deploy'];
      return isFields(deploy) && isText(deploy['version']) && isNumber(deploy['at']) && isTexts(deploy['pools']);
    }
    default:
      return false;
  }
}

const matcherFields: readonly (keyof Matcher)[] = ['tasks', 'exceptions', 'queues', 'pools', 'signals', 'classes'];

function isMatcher(value: unknown): value is Matcher {
  return isFields(value) && matcherFields.every((field) => isTexts(value[field]));
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

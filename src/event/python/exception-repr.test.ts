import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Redacted } from '../untrusted.ts';
import { type NamedException, readAngled, readCall, readPrinted } from './exception-repr.ts';

type Want = readonly [type: string, message: string] | undefined;
const parts = (named: NamedException | undefined): Want => named && [named.type, named.message];

describe('a repr as a call', () => {
  const cases: readonly (readonly [string, Want])[] = [
    ["Taken('room 12')", ['Taken', 'room 12']],
    ['Taken()', ['Taken', '']],
    ["depot.Taken('room 12',)", ['depot.Taken', 'room 12']],
    ["RayTaskError(ValueError)('ray::score()')", ['RayTaskError(ValueError)', 'ray::score()']],
    ["NotFound[Order]('no order 7')", ['NotFound[Order]', 'no order 7']],
    ["EncodeError(TypeError('no JSON'))", ['EncodeError', "TypeError('no JSON')"]],
    ['card refused (3)', undefined],
    ['<Taken(3)>', undefined],
  ];
  for (const [text, want] of cases) test(text, () => assert.deepEqual(parts(readCall(text as Redacted)), want));
});

describe('a repr whose end was cut', () => {
  const words = 'no room '.repeat(2_000);
  const cases: readonly (readonly [name: string, text: string, want: Want])[] = [
    ['in single quotes', `Taken('${words}...`, ['Taken', words]],
    ['in double quotes, with a module', `depot.Taken("it's ${words}...`, ['depot.Taken', `it's ${words}`]],
    ['with parentheses in the text', `Taken('(a), ${words}b(...`, ['Taken', `(a), ${words}b(`]],
    ['of a made class', `NotFound[Order]('${words}...`, ['NotFound[Order]', words]],
    ['but is a short sentence', "call('x') failed, it is tried again...", undefined],
    ['but is a long sentence', `${words}...`, undefined],
    ['but has no text argument', `Taken(${words}...`, undefined],
    ['but is complete', `Taken('${words}')`, ['Taken', words]],
  ];
  for (const [name, text, want] of cases) test(name, () => assert.deepEqual(parts(readCall(text as Redacted)), want));
});

describe('a repr as Python prints an exception', () => {
  const cases: readonly (readonly [string, Want])[] = [
    ['LinkDown: (no route)', ['LinkDown', '(no route)']],
    ['card refused: 3', undefined],
  ];
  for (const [text, want] of cases) test(text, () => assert.deepEqual(parts(readPrinted(text as Redacted)), want));
});

describe('a repr in angle brackets', () => {
  const whole = (text: string, type: string): readonly [string, Want] => [text, [type, text]];
  const cases: readonly (readonly [string, Want])[] = [
    ['<MaybeEncodingError: not picklable>', ['MaybeEncodingError', 'not picklable']],
    whole('<HttpError 503 when requesting https://x returned "Busy">', 'HttpError'),
    whole('<_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.UNAVAILABLE\n>', '_InactiveRpcError'),
    whole('<CardRefused[3]>', 'CardRefused'),
    whole('<CardRefused(3)>', 'CardRefused'),
    whole('<CardRefused, code 3>', 'CardRefused'),
    whole('<CardRefused>', 'CardRefused'),
    whole('<HttpError 503 when requesting a text that was cut', 'HttpError'),
    ['<depot.errors.Taken object at 0x7f20>', ['depot.errors.Taken', '']],
    ['<card 3 refused>', undefined],
    ['<ERROR 3>', undefined],
    ['<3>', undefined],
    ['', undefined],
  ];
  for (const [text, want] of cases)
    test(JSON.stringify(text), () => assert.deepEqual(parts(readAngled(text as Redacted)), want));
});

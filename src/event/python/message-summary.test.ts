import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Redacted } from '../untrusted.ts';
import { summaryOf, summaryOfException } from './message-summary.ts';
import type { ParsedException } from './parsed-exception.ts';

describe('the summary of a message', () => {
  const cases: readonly (readonly [name: string, message: string, want: string])[] = [
    ['one line', 'room 12 is taken', 'room 12 is taken'],
    ['nothing', '', ''],
    ['a first line with content', '2 rooms\nname: too long', '2 rooms'],
    ['blank lines at the start', '\n \n  room 12\nis taken', 'room 12'],
    ['selenium without a message', 'Message: \nStacktrace:\n#0 0x55d <unknown>', ''],
    ['selenium with a message', 'Message: no such element: #pay\nStacktrace:\n#0 0x55d', 'no such element: #pay'],
    ['selenium, message below', 'Message: \nelement click intercepted\nStacktrace:', 'element click intercepted'],
    [
      'pydantic 2',
      '1 validation error for Login\nemail\n  Field required [type=missing, input_value={}, input_type=dict]\n    For further',
      '1 validation error for Login: email: Field required',
    ],
    [
      'pydantic 1',
      '2 validation errors for Order\nlines -> 0 -> sku\n  field required (type=value_error.missing)\nid\n  x',
      '2 validation errors for Order: lines -> 0 -> sku: field required',
    ],
    [
      'pydantic, of the model itself',
      '1 validation error for Login\n  too short [type=x]',
      '1 validation error for Login: too short',
    ],
    ['kubernetes', '(403)\nReason: Forbidden\nHTTP response headers: HTTPHeaderDict({})', '(403): Reason: Forbidden'],
    [
      'grpc',
      '<_InactiveRpcError of RPC that terminated with:\n\tstatus = StatusCode.UNAVAILABLE\n\tdetails = "no route"\n\tdebug = "x"\n>',
      'status = StatusCode.UNAVAILABLE, details = "no route"',
    ],
    [
      'botocore',
      'Parameter validation failed:\nMissing required parameter: "Bucket"',
      'Parameter validation failed: Missing required parameter: "Bucket"',
    ],
    ['a list of errors', 'Import failed\n\n  - row 3: no price\n  - row 4: no name', 'Import failed: row 3: no price'],
    [
      'yaml',
      'while scanning a simple key\n  in "<file>", line 2\ncould not find expected \':\'\n  in "<file>"',
      "while scanning a simple key: could not find expected ':'",
    ],
    [
      'playwright',
      'Page.goto: Timeout 30000ms exceeded.\nCall log:\n  - navigating',
      'Page.goto: Timeout 30000ms exceeded.',
    ],
    ['a call log only', 'Error:\nCall log:\n  - navigating', 'Error'],
    [
      'jsonschema',
      "'x' is not of type 'integer'\n\nFailed validating 'type' in schema:",
      "'x' is not of type 'integer'",
    ],
    ['an announcement without lines', 'Import failed:', 'Import failed'],
    ['a message of 2,001 characters', 'x'.repeat(2_001), 'x'.repeat(2_000)],
  ];
  for (const [name, message, want] of cases) test(name, () => assert.equal(summaryOf(message as Redacted), want));
});

describe('the summary of an exception group', () => {
  const exception = (type: string, value: string, exceptions?: readonly ParsedException[]): ParsedException => ({
    type: type as Redacted,
    value: value as Redacted,
    frames: [],
    ...(exceptions !== undefined && { exceptions }),
    isTruncated: false,
  });
  const taken = exception('depot.errors.Taken', 'room 12');
  const group = (value: string, ...members: readonly ParsedException[]): ParsedException =>
    exception('ExceptionGroup', value, members);
  const cases: readonly (readonly [name: string, of: ParsedException, want: string])[] = [
    ['no group', taken, 'room 12'],
    [
      'an exception of Ray',
      { ...exception('ray.RayTaskError(Taken)', 'ray::book() (pid=7)'), cause: taken },
      'room 12',
    ],
    ['one member', group('unhandled errors in a TaskGroup (1 sub-exception)', taken), 'Taken: room 12'],
    [
      'three members',
      group('unhandled errors in a TaskGroup (3 sub-exceptions)', taken, taken, taken),
      'Taken: room 12 (+ 2 more)',
    ],
    ['a message of its own', group('import failed (1 sub-exception)', taken), 'import failed: Taken: room 12'],
    [
      'a member without a message',
      group('import failed (1 sub-exception)', exception('TimeoutError', '')),
      'import failed: TimeoutError',
    ],
    [
      'groups in groups',
      group('a (2 sub-exceptions)', group('b (2 sub-exceptions)', taken, taken), taken),
      'a: Taken: room 12 (+ 2 more)',
    ],
    ['members that were cut', group('a (2 sub-exceptions)'), 'a (2 sub-exceptions)'],
  ];
  for (const [name, of, want] of cases) test(name, () => assert.equal(summaryOfException(of), want));
});

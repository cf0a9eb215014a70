import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListenError } from './listen-error.ts';

const failure = (code: string) => Object.assign(new Error('listen'), { code });

const cases: readonly { readonly cause: unknown; readonly host?: string; readonly message: string }[] = [
  {
    cause: failure('EADDRINUSE'),
    message:
      'ops.listen: port 9464 on 0.0.0.0 is in use; expected a free port, choose another one or stop the process that uses it',
  },
  {
    cause: failure('EACCES'),
    host: '127.0.0.1',
    message:
      'ops.listen: port 9464 on 127.0.0.1 needs privileges that this process does not have; expected a port from 1024',
  },
  {
    cause: failure('EADDRNOTAVAIL'),
    host: '10.1.2.3',
    message:
      'ops.listen: this machine has no address 10.1.2.3; expected one of its own addresses, 0.0.0.0 or 127.0.0.1',
  },
  {
    cause: failure('ENOTFOUND'),
    host: 'nowhere',
    message: 'ops.listen: the host name nowhere cannot be resolved; expected an address of this machine',
  },
  { cause: failure('EMFILE'), message: 'ops.listen: port 9464 on 0.0.0.0 cannot be bound (EMFILE)' },
  { cause: 'no error', message: 'ops.listen: port 9464 on 0.0.0.0 cannot be bound (unknown error)' },
];

for (const { cause, host, message } of cases) {
  test(`a listener that cannot be bound: ${message}`, () => {
    const error = new ListenError('ops.listen', { host, port: 9_464 }, cause);
    assert.equal(error.message, message);
    assert.equal(error.cause, cause);
  });
}

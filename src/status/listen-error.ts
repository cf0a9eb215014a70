/** A listener that cannot be bound, worded like a problem of the configuration: place, cause, fix. */
import type { ListenAt } from './http.ts';

export type ListenOption = 'ops.listen' | 'ui.listen';

export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly option: ListenOption;

  constructor(option: ListenOption, at: ListenAt, cause: unknown) {
    super(`${option}: ${messageFor(at, codeOf(cause))}`, { cause });
    this.option = option;
  }
}

function messageFor({ host = '0.0.0.0', port }: ListenAt, code: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is in use; expected a free port, choose another one or stop the process that uses it`;
    case 'EACCES':
      return `port ${port} on ${host} needs privileges that this process does not have; expected a port from 1024`;
    case 'EADDRNOTAVAIL':
      return `this machine has no address ${host}; expected one of its own addresses, 0.0.0.0 or 127.0.0.1`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the host name ${host} cannot be resolved; expected an address of this machine`;
    default:
      return `port ${port} on ${host} cannot be bound (${code})`;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
}

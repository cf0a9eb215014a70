import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

test('texts stay as fast to look at as Node makes them, whatever a library derives from them', () => {
  const program = `
    await import(${JSON.stringify(new URL('./engine.mjs', import.meta.url).href)});
    await import('ioredis');
    class Derived extends String {}
    console.log(new Function('object', 'return %HasFastProperties(object)')(String.prototype));
  `;
  const flags = ['--allow-natives-syntax', '--input-type=module', '--eval', program];
  assert.equal(execFileSync(process.execPath, flags, { encoding: 'utf8' }).trim(), 'true');
});

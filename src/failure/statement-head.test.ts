import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statementHead } from './statement-head.ts';

const cases = [
  ['total = price * nights', 'total'],
  ['total  =  int(price) * nights', 'total'],
  ['total += price', 'total'],
  ['total: int = price', 'total'],
  ['rooms[key] = price', 'rooms[key]'],
  ['self.total = price', 'self.total'],
  ['a, b = pair', 'a, b'],
  ['if price == nights:', 'if'],
  ['while price > nights:', 'while'],
  ['return price', 'return'],
  ['for room in hotel["rooms"]:', 'for room in'],
  ['async for room in rooms():', 'for room in'],
  ['with open(path) as file:', 'with'],
  ['await send(order)', 'await'],
  ['raise Taken(reason)', 'raise'],
  ['del rooms[key]', 'del'],
  ['rooms.append(price / nights)', 'rooms.append'],
  ['order["guest"].strip()', 'order["guest"].strip'],
  ['json=payload(order),', 'json'],
  ['"price": price / nights,', '"price"'],
  ['rooms[number]', ''],
  ['', ''],
] as const;
for (const [source, want] of cases)
  test(`${source} has the head ${want}`, () => assert.equal(statementHead(source), want));

test('a long line costs no more than its beginning', () => {
  assert.ok(statementHead(`${'a, '.repeat(100_000)} = b`).length <= 500);
});

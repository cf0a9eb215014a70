import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { raisedClassIn, shortName } from './class-name.ts';

describe('the short name of a class', () => {
  const cases = [
    ['Timeout', 'Timeout'],
    ['requests.exceptions.Timeout', 'Timeout'],
    ['make.<locals>.Oops', 'Oops'],
    ['shop.errors.NotFound[shop.models.Order]', 'NotFound[shop.models.Order]'],
    ['ray.exceptions.RayTaskError(shop.errors.Gone)', 'RayTaskError(shop.errors.Gone)'],
    ['', ''],
  ] as const;
  for (const [type, want] of cases) test(`${type} is ${want}`, () => assert.equal(shortName<string>(type), want));
});

describe('the class in a raising line', () => {
  const cases = [
    ['raise CardRefused(reason)', 'CardRefused'],
    ['raise CardRefused(', 'CardRefused'],
    ['raise errors.CardRefused', 'CardRefused'],
    ['raise CardRefused from error', 'CardRefused'],
    ['try: raise CardRefused(reason)', 'CardRefused'],
    ['raise _InactiveRpcError(state)  # pytype: disable=not-instantiable', '_InactiveRpcError'],
    ['raise error', undefined],
    ['raise self._error(status)', undefined],
    ['raise ERRORS[code]', undefined],
    ['raise ERROR(code)', undefined],
    ['raise Errors.of(code)', undefined],
    ['praise CardRefused(reason)', undefined],
    ['return CardRefused(reason)', undefined],
    ['', undefined],
  ] as const;
  for (const [source, want] of cases)
    test(`${source} raises ${want}`, () => assert.equal(raisedClassIn<string>(source), want));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadFields, saveFields } from './saved-fields.ts';

class Count {
  value: number;

  constructor(value: number) {
    this.value = value;
  }

  save(): unknown {
    return this.value;
  }

  load(saved: unknown): void {
    this.value = saved as number;
  }
}

class Sample {
  name: string;
  last: { readonly at: number } | undefined = undefined;
  readonly names = new Set<string>();
  readonly times = new Map<string, number>();
  readonly list: number[] = [];
  readonly count = new Count(0);
  readonly date = new Date(0);

  constructor(name: string) {
    this.name = name;
  }
}

function filled(): Sample {
  const sample = new Sample('a');
  sample.last = { at: 1 };
  sample.names.add('x');
  sample.times.set('x', 2);
  sample.list.push(3);
  sample.count.value = 4;
  return sample;
}

test('every kind of field survives a text', () => {
  const text = JSON.stringify(saveFields(filled()));
  assert.deepEqual(loadFields(new Sample('new'), JSON.parse(text)), filled());
});

test('a field without a value keeps that of the new object, and objects of other classes are not saved', () => {
  const saved = saveFields(new Sample('a'));
  assert.deepEqual(Object.keys(saved), ['name', 'names', 'times', 'list', 'count']);
});

test('a field that the new object lacks is left out', () => {
  assert.deepEqual(loadFields(new Sample('a'), { other: 1 }), new Sample('a'));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Hostname } from '../../event/ids.ts';
import { HostClocks } from './host-clocks.ts';

const start = 1_800_000_000_000;
const node = 'mail@web-1' as Hostname;

/** Events sent every 2 s by a clock that is `offset` ahead; `delays` are the times until their receipt. */
function clocksAfter(offset: number, delays: readonly number[]): HostClocks {
  const clocks = new HostClocks();
  const events = delays.map((delay, i) => ({ sentAt: start + i * 2_000, receivedAt: start + i * 2_000 + delay }));
  events.sort((a, b) => a.receivedAt - b.receivedAt);
  for (const { sentAt, receivedAt } of events) clocks.note(node, sentAt + offset, receivedAt);
  return clocks;
}

const cases: readonly { readonly name: string; readonly clocks: HostClocks; readonly want: number }[] = [
  { name: 'a host without events', clocks: new HostClocks(), want: 0 },
  { name: 'a clock that is ahead, after one event', clocks: clocksAfter(8_000, [0]), want: 8_000 },
  { name: 'a clock that is behind, after one event', clocks: clocksAfter(-8_000, [0]), want: 0 },
  { name: 'a clock that is behind, after three events', clocks: clocksAfter(-8_000, [0, 0, 0]), want: -8_000 },
  { name: 'a clock that is 99 ms ahead', clocks: clocksAfter(99, [0, 0, 0]), want: 0 },
  { name: 'a clock that is 100 ms ahead', clocks: clocksAfter(100, [0, 0, 0]), want: 100 },
  { name: 'a clock that is 299 ms behind', clocks: clocksAfter(-299, [0, 0, 0]), want: 0 },
  { name: 'a clock that is 300 ms behind', clocks: clocksAfter(-300, [0, 0, 0]), want: -300 },
  { name: 'events that are delayed up to 0.9 s', clocks: clocksAfter(0, [900, 299, 900, 900]), want: 0 },
  { name: 'a pause of ours: a burst of delayed events', clocks: clocksAfter(0, [20_000, 18_000, 16_000]), want: 0 },
];
for (const { name, clocks, want } of cases) {
  test(`the offset for ${name} is ${want} ms`, () => assert.equal(clocks.offsetOf(node), want));
}

test('all nodes and producers of a host share its clock', () => {
  const clocks = clocksAfter(60_000, [3]);
  assert.equal(clocks.offsetOf('gen4711@web-1' as Hostname), 59_997);
  assert.equal(clocks.offsetOf('mail@web-10' as Hostname), 0);
});

test('the estimate is the true offset if one event of the last 20 s was not delayed', () => {
  const offset = fc.integer({ min: -3_600_000, max: 3_600_000 }).filter((ms) => Math.abs(ms) > 2_000);
  const delay = fc.oneof(fc.nat(200), fc.nat(8_000));
  fc.assert(
    fc.property(offset, fc.array(delay, { minLength: 10, maxLength: 60 }), fc.nat(5), (trueOffset, delays, prompt) => {
      const clocks = clocksAfter(trueOffset, delays.with(-1 - prompt, 0));
      assert.equal(clocks.offsetOf(node), trueOffset);
    }),
  );
});

test('a clock that is set back or forward is followed within 50 s', () => {
  const offset = fc.integer({ min: -3_600_000, max: 3_600_000 }).filter((ms) => Math.abs(ms) >= 2_000);
  fc.assert(
    fc.property(offset, offset, fc.array(fc.nat(300), { minLength: 46, maxLength: 46 }), (before, after, delays) => {
      const clocks = new HostClocks();
      delays.forEach((delay, i) => {
        const sentAt = start + i * 2_000;
        clocks.note(node, sentAt + (i < 21 ? before : after), sentAt + delay);
      });
      const estimate = clocks.offsetOf(node);
      assert.ok(estimate <= after && estimate >= after - 300, `${estimate} for ${after}`);
    }),
  );
});

test('one late event after a long pause changes nothing, a whole window does', () => {
  const clocks = clocksAfter(30_000, [0, 0, 0]);
  const later = start + 600_000;
  clocks.note(node, later - 5_000, later);
  assert.equal(clocks.offsetOf(node), 30_000);
  clocks.note(node, later + 15_000, later + 20_000);
  assert.equal(clocks.offsetOf(node), -5_000);
});

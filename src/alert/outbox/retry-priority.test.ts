import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bulletinOf, incidentOf } from '../../../test/fakes/incident.ts';
import type { Severity } from '../policy.ts';
import type { Postable } from './ledger.ts';
import { createRetryPriority } from './retry-priority.ts';

const about = (severity: Severity, channel = '#alerts'): Postable => ({
  kind: 'incident',
  incident: incidentOf({ severity, channel }),
});

test('less severe messages wait for more severe ones of their channel, for a while', () => {
  const priority = createRetryPriority();
  assert.equal(priority.mustWait(about('normal'), 0), false);
  priority.wait(about('high'));
  assert.equal(priority.mustWait(about('normal'), 0), true);
  assert.equal(priority.mustWait({ kind: 'bulletin', bulletin: bulletinOf() }, 0), true);
  assert.equal(priority.mustWait(about('normal'), 16_000), false, 'at most 16 s');
  assert.equal(priority.mustWait(about('high'), 0), false, 'not for equal severity');
  assert.equal(priority.mustWait(about('critical'), 0), false);
  assert.equal(priority.mustWait(about('normal', '#other'), 0), false);
});

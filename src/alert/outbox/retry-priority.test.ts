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

test('the lesser waits for the worse of its channel, for a while', () => {
  const turns = createRetryPriority();
  assert.equal(turns.mustWait(about('normal'), 0), false);
  turns.wait(about('high'));
  assert.equal(turns.mustWait(about('normal'), 0), true);
  assert.equal(turns.mustWait({ kind: 'bulletin', bulletin: bulletinOf() }, 0), true);
  assert.equal(turns.mustWait(about('normal'), 16_000), false, 'not for ever');
  assert.equal(turns.mustWait(about('high'), 0), false, 'not for its like');
  assert.equal(turns.mustWait(about('critical'), 0), false);
  assert.equal(turns.mustWait(about('normal', '#other'), 0), false);
});

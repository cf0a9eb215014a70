import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signatureHeaders } from './signature.ts';

// The example of the Standard Webhooks specification.
const example = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at: 1_614_265_330_000,
  body: '{"test": 2432232314}',
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
};

test('the headers equal the example of the specification', () => {
  assert.deepEqual(signatureHeaders(example), {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('the timestamp is in whole seconds', () => {
  assert.equal(signatureHeaders({ ...example, at: 1_614_265_330_999 })['webhook-timestamp'], '1614265330');
});

for (const change of [{ id: 'msg_2' }, { at: example.at + 1_000 }, { body: '{}' }, { secret: 'whsec_AAAA' }]) {
  test(`another ${Object.keys(change)[0]} changes the signature`, () => {
    const other = signatureHeaders({ ...example, ...change });
    assert.notEqual(other['webhook-signature'], signatureHeaders(example)['webhook-signature']);
  });
}

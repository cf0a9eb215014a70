import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { limitRules } from './limit-rules.ts';
import { classByRules } from './rule.ts';

describe('an exceeded limit, and an overloaded server', () => {
  const spellings = [
    'Exceeded rate limits: too many table update operations for this table.',
    'Rate limit exceeded',
    'API rate limit exceeded for user ID 7.',
    'You have exceeded a secondary rate limit.',
    'Rate limit reached for gpt in organization x on tokens per min',
    'User Rate Limit Exceeded',
    "[{'reason': 'userRateLimitExceeded'}]",
    "Quota exceeded for quota metric 'Read requests' of service x",
    'You exceeded your current quota, please check your plan',
    "{'type': 'error', 'error': {'type': 'overloaded_error', 'message': 'Overloaded'}}",
    "{'error': {'type': 'rate_limit_error'}}",
    "[{'errorCode': 'REQUEST_LIMIT_EXCEEDED', 'message': 'TotalRequests Limit exceeded.'}]",
    'Exceeded 2 calls per second for api client',
    'Too many requests, slow down',
    '(TooManyRequests) The request is being throttled.',
    'Azure Error: TooManyRequests',
    'ThrottlingException: Rate exceeded',
    'Your request was throttled. Expected available in 12 seconds.',
    'The server is currently overloaded with other requests.',
    'The engine is too busy',
    'the service is temporarily unavailable',
    'upstream: Bad Gateway',
  ];
  for (const type of ['depot.PartnerError', 'google.api_core.exceptions.Forbidden', 'Exception']) {
    test(`is transient as ${type}, with any words around it`, () => {
      const words = fc.constantFrom('', 'partner 7: ', '403 ', 'HTTP 400 - ', '{"message": "');
      fc.assert(
        fc.property(words, fc.constantFrom(...spellings), (before, message) => {
          assert.equal(classByRules(limitRules, type, before + message), 'transient');
        }),
      );
    });
  }

  const room = ["The user's Drive storage quota has been exceeded.", 'storageQuotaExceeded', 'Mailbox quota exceeded'];
  for (const message of room)
    test(`${message} is a resource`, () =>
      assert.equal(classByRules(limitRules, 'depot.PartnerError', message), 'resource'));
});

describe('no exceeded limit', () => {
  const cases = [
    ['ValueError', 'limit must be <= 10'],
    ['ValueError', 'rate limit exceeded is no state'],
    ['KeyError', "'quota'"],
    ['KeyError', "'rate_limit'"],
    ['TypeError', "throttle() got an unexpected keyword argument 'rate'"],
    ['depot.ConfigError', 'rate_limit is not set'],
    ['depot.Broken', 'rate_limit must be positive'],
    ['depot.Rejected', 'customer reached the limit of 5 orders'],
    ['depot.CreditRefused', 'credit limit exceeded'],
    ['depot.PlanError', 'plan quota is 5 seats'],
    ['depot.Broken', '503 items'],
    ['psycopg2.errors.CheckViolation', 'new row violates check constraint "quota_exceeded"'],
    ['pydantic_core._pydantic_core.ValidationError', '1 validation error for Limits: rate_limit'],
    ['rest_framework.exceptions.ValidationError', "{'quota': ['Quota exceeded.']}"],
    ['requests.exceptions.HTTPError', '404 Client Error: Not Found for url: https://depot.test/rate-limits'],
  ] as const;
  for (const [type, message] of cases)
    test(`${type}: ${message}`, () => assert.equal(classByRules(limitRules, type, message), undefined));
});

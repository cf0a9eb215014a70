import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueTemplate, sentryIssueLink } from './issue-link.ts';

const cases = [
  { issuesUrl: 'https://acme.sentry.io/issues/', want: 'https://acme.sentry.io/issues/?query=fp%3Aabc' },
  {
    issuesUrl: 'https://acme.sentry.io/issues/?project=7&statsPeriod=14d',
    want: 'https://acme.sentry.io/issues/?project=7&statsPeriod=14d&query=fp%3Aabc',
  },
  {
    issuesUrl: 'https://sentry.example/organizations/acme/issues/?query=is%3Aunresolved#top',
    want: 'https://sentry.example/organizations/acme/issues/?query=fp%3Aabc',
  },
  { issuesUrl: 'https://glitchtip.example/acme/issues', want: 'https://glitchtip.example/acme/issues?query=fp%3Aabc' },
];
for (const { issuesUrl, want } of cases) {
  test(`the issue in ${issuesUrl}`, () => assert.equal(sentryIssueLink({ issuesUrl }, 'abc'), want));
}

test('without an address there is no link', () => {
  assert.equal(sentryIssueLink({ issuesUrl: undefined }, 'abc'), undefined);
});

test('a fingerprint cannot become more than a word of the search', () => {
  const link = sentryIssueLink({ issuesUrl: 'https://acme.sentry.io/issues/' }, 'a&b=c d$&');
  assert.equal(new URL(link ?? '').searchParams.get('query'), 'fp:a&b=c d$&');
});

test('the template leaves the fingerprint open', () => {
  assert.equal(
    issueTemplate('https://acme.sentry.io/issues/?project=7'),
    'https://acme.sentry.io/issues/?project=7&query=fp%3A{fingerprint}',
  );
});

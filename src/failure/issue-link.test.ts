import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issueTemplate } from './issue-link.ts';

const cases = [
  {
    name: 'a plain address gets a query',
    issuesUrl: 'https://acme.sentry.io/issues/',
    want: 'https://acme.sentry.io/issues/?query=fp%3A{fingerprint}',
  },
  {
    name: 'the project and other parameters of the address stay',
    issuesUrl: 'https://acme.sentry.io/issues/?project=7&statsPeriod=14d',
    want: 'https://acme.sentry.io/issues/?project=7&statsPeriod=14d&query=fp%3A{fingerprint}',
  },
  {
    name: 'a search and an anchor in the address are replaced',
    issuesUrl: 'https://sentry.example/organizations/acme/issues/?query=is%3Aunresolved#top',
    want: 'https://sentry.example/organizations/acme/issues/?query=fp%3A{fingerprint}',
  },
  {
    name: 'an address without a final slash keeps its path',
    issuesUrl: 'https://glitchtip.example/acme/issues',
    want: 'https://glitchtip.example/acme/issues?query=fp%3A{fingerprint}',
  },
];
for (const { name, issuesUrl, want } of cases) {
  test(`${name}`, () => assert.equal(issueTemplate(issuesUrl), want));
}

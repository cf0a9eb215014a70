/** Links to the Sentry issue of a failure. A search link, because only Sentry knows the number of an issue. */

/**
 * URL template with `{fingerprint}`, filled in when a message is rendered. `issuesUrl` is the address of the issue list as
 * shown in a browser; its query keeps the project and loses the search. Every exported event carries the tag `fp`.
 */
export function issueTemplate(issuesUrl: string): string {
  const url = new URL(issuesUrl);
  url.searchParams.delete('query');
  url.hash = '';
  return `${url.href}${url.search === '' ? '?' : '&'}query=fp%3A{fingerprint}`;
}

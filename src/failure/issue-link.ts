/** Where Sentry shows the issue of a failure. By search, because an issue's number is known to Sentry only. */

/**
 * The page for one fingerprint: `https://acme.sentry.io/issues/?project=7&query=fp%3Aabc`. `issuesUrl` is the list of issues
 * as a browser shows it, with a project in its query if there are several. Undefined without one.
 */
export function sentryIssueLink(
  { issuesUrl }: { readonly issuesUrl: string | undefined },
  fingerprint: string,
): string | undefined {
  return issuesUrl === undefined
    ? undefined
    : issueTemplate(issuesUrl).replace('{fingerprint}', () => encodeURIComponent(fingerprint.toWellFormed()));
}

/** The same as a template with `{fingerprint}`, for links that are filled in later. Every event of ours carries the tag `fp`. */
export function issueTemplate(issuesUrl: string): string {
  const url = new URL(issuesUrl);
  url.searchParams.delete('query');
  url.hash = '';
  return `${url.href}${url.search === '' ? '?' : '&'}query=fp%3A{fingerprint}`;
}

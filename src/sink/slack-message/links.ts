/** Fills in link templates. A link never leaves the origin that the configuration names, whatever a task's name contains. */
import type { Incident } from '../../alert/incident.ts';

/** A link in each root message. Placeholders: `{trace_id}`, `{task_id}`, `{fingerprint}` and `{incident}`. */
export interface LinkTemplate {
  readonly label: string;
  readonly url: string;
}

const linkUrlMax = 1_000;

/** The filled template; undefined if the incident lacks a value, or if the link would lead to another origin. */
export function linkOf({ id, subject }: Incident, { url: template }: LinkTemplate): string | undefined {
  const values: Readonly<Record<string, string | undefined>> = {
    trace_id: subject.example?.traceId,
    task_id: subject.example?.taskId,
    fingerprint: subject.fingerprint,
    incident: id,
  };
  let isWhole = true;
  const filled = template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    if (!Object.hasOwn(values, name)) return whole;
    const value = values[name];
    isWhole &&= value !== undefined;
    return encodeURIComponent((value ?? '').toWellFormed());
  });
  const url = URL.parse(filled);
  const origin = URL.parse(template.replaceAll(/[{}]/g, ''))?.origin;
  if (!isWhole || url === null || !/^https?:$/.test(url.protocol) || url.origin !== origin) return undefined;
  return url.href.length > linkUrlMax ? undefined : url.href;
}

/** Answers `taskvigil why ID`: finds the subjects that an id or a name stands for, and describes each. */
import { subjectLines } from './subject-lines.ts';
import { type AnswerFacts, type AnswerSubject, subjectsOf } from './subjects.ts';

export interface Answer {
  /** False if nothing has this id; `lines` then names similar ids. */
  readonly isKnown: boolean;
  readonly lines: readonly string[];
}

/** Shorter beginnings of an id are too common to look for. */
const prefixCharsMin = 4;
const answeredMax = 3;
const listedMax = 10;

/** An id in full, or its beginning as printed in a short form: `4f2a91c0`, `4f2a91c0…`. */
export function answerOf(question: string, facts: AnswerFacts): Answer {
  const asked = question.trim().replace(/(?:…|\.\.\.)$/, '');
  if (asked === '') return { isKnown: false, lines: ['Expected an id or a name.'] };
  const { exact, beginning } = matching(asked, facts);
  if (exact.length > 0) return { isKnown: true, lines: linesOf(exact, facts) };
  if (beginning.length === 1) return { isKnown: true, lines: linesOf(beginning, facts) };
  if (beginning.length > 1) {
    const more = beginning.length > listedMax ? `, the first ${listedMax} of them` : '';
    const lines = [`${beginning.length} ids begin with ${asked}${more}:`, ...listOf(beginning)];
    return { isKnown: true, lines };
  }
  return { isKnown: false, lines: unknownLines(asked, facts) };
}

function matching(asked: string, facts: AnswerFacts) {
  const exact = new Map<string, AnswerSubject>();
  const beginning = new Map<string, AnswerSubject>();
  for (const subject of subjectsOf(facts, asked)) {
    const { kind, text, id } = subject;
    const found =
      text === asked ? exact : asked.length >= prefixCharsMin && text.startsWith(asked) ? beginning : undefined;
    found?.set(`${kind}\n${id}`, subject);
  }
  return { exact: [...exact.values()], beginning: [...beginning.values()] };
}

function linesOf(subjects: readonly AnswerSubject[], facts: AnswerFacts): string[] {
  const lines = subjects.slice(0, answeredMax).flatMap((subject) => subjectLines(subject, facts));
  const rest = subjects.slice(answeredMax);
  if (rest.length === 0) return lines;
  return [...lines, `${rest.length} more with this id:`, ...listOf(rest)];
}

function listOf(subjects: readonly AnswerSubject[]): string[] {
  return subjects.slice(0, listedMax).map(({ kind, id }) => `  ${kind} ${id}`);
}

function unknownLines(asked: string, facts: AnswerFacts): string[] {
  const near = new Map<string, AnswerSubject>();
  for (const subject of subjectsOf(facts, ''))
    if (isNear(asked, subject.text)) near.set(`${subject.kind}\n${subject.id}`, subject);
  const until = facts.tasks.evictedUntil();
  return [
    `${asked}: not found among the tasks, incidents, failures, workers, pools, queues and schedules known now.`,
    until === undefined
      ? 'Nothing from before the start of taskvigil is known.'
      : `The limit of memory evicted tasks; those older than ${new Date(until).toISOString()} may be missing.`,
    ...(near.size === 0 ? [] : ['Similar:', ...listOf([...near.values()])]),
  ];
}

/** The same beginning, one name inside the other, or at most two different characters. */
function isNear(asked: string, text: string): boolean {
  if (asked.length < prefixCharsMin || text.length < prefixCharsMin) return false;
  if (text.slice(0, prefixCharsMin + 2) === asked.slice(0, prefixCharsMin + 2)) return true;
  if (text.includes(asked) || asked.includes(text)) return true;
  if (text.length !== asked.length) return false;
  let different = 0;
  for (let index = 0; index < text.length && different < 3; index += 1)
    if (text[index] !== asked[index]) different += 1;
  return different < 3;
}

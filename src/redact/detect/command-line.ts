/** Secrets on command lines, as one text (`curl -u me:pw`) or as a list (`['mysql', '-ppw']`). */

import type { Judge } from '../names/key-names.ts';
import type { Match } from '../text/match.ts';
import { isWorth } from '../values/is-secret-value.ts';

/** Between two words of a command: white space, or the quotes and the comma of a list. */
const gap = String.raw`(?:[ \t]+|\\{0,3}["'],\s{0,4}[bru]?\\{0,3}["'])`;
const option = new RegExp(String.raw`--?([A-Za-z][\w.-]{1,60})(${gap}|=)(?!-)`, 'y');
const word = /(?:\\{0,3}["'])?((?:\\.|[^\s"'\\]){1,2048})/dy;
const logins = /^(?:user|proxy-user|userpwd|basic-auth|auth|login|creds|credentials|username-password)$/i;

/** `--password x`, `-token x`, `--user me:x`; the answer is the end, or -1. */
export function addOption(text: string, at: number, to: number, judge: Judge, found: Match[]): number {
  option.lastIndex = at;
  const match = option.exec(text);
  if (match === null || option.lastIndex >= to) return -1;
  const name = match[1] as string;
  const from = option.lastIndex;
  if (logins.test(name)) {
    const end = addLoginWord(text, from, to, found);
    if (end >= 0) return end;
  }
  // The form with `=` is read like every other entry.
  if (match[2] === '=') return -1;
  const verdict = judge(name) ?? (name === 'with-token' ? judge('token') : undefined);
  if (verdict === undefined) return -1;
  return addWord(text, from, to, found, (value) => isWorth(value, verdict), verdict.kind);
}

interface ShortOption {
  /** What stands before it on the line. */
  readonly command: RegExp;
  readonly letters: string;
  /** `joined`: nothing may stand between the letter and the secret. */
  readonly form: 'joined' | 'spaced' | 'either' | 'user-and-password';
}

const shortOptions: readonly ShortOption[] = [
  { command: /\b(?:mysql\w*|mariadb[\w-]*|mycli|xtrabackup|innobackupex)\b/, letters: 'p', form: 'joined' },
  { command: /\b(?:7z[ar]?|rar|unrar)\b/, letters: 'p', form: 'joined' },
  { command: new RegExp(`\\bsshpass${gap}$`), letters: 'p', form: 'either' },
  {
    command: /\b(?:docker|podman|buildah|skopeo|nerdctl|helm|oras|crane|oc|az|cf|ibmcloud|rancher|argocd)\b.*\blogin\b/,
    letters: 'p',
    form: 'either',
  },
  {
    command:
      /\b(?:mongo\w*|influx|cqlsh|nodetool|arangosh|snowsql|rabbitmqadmin|ipmitool|vsql|exaplus|teradata|neo4j|cypher-shell|couchbase-cli|cbq|solr|jmxterm|nmcli|iscsiadm|dbaccess)\b/,
    letters: 'p',
    form: 'either',
  },
  // Whoever names the user just before names the password: `tool -u me -p x`.
  {
    command: new RegExp(
      `^(?!.*\\b(?:mysql|mariadb|psql|ssh|scp|docker run)).*(?:-u|-U|--user(?:name)?|--login)(?:${gap}|=)[^\\s"']{1,128}${gap}$`,
    ),
    letters: 'p',
    form: 'either',
  },
  {
    command: /\b(?:zip|unzip|sqlcmd|bcp|isql|osql|tsql|ipmitool|mosquitto_\w+|mqttx?|smbmap)\b/,
    letters: 'P',
    form: 'either',
  },
  { command: /\b(?:redis-cli|valkey-cli|keydb-cli)\b/, letters: 'a', form: 'either' },
  { command: /\b(?:ldap\w+|psql-ldap)\b/, letters: 'w', form: 'either' },
  { command: /\bopenssl (?:enc|aes|des)/, letters: 'kK', form: 'spaced' },
  { command: /\buseradd|usermod\b/, letters: 'p', form: 'spaced' },
  {
    command:
      /\b(?:curl|wget|http|https|httpie|xh|smbclient|mount|rclone|lftp|ftp|ncftp\w*|rpcclient|hurl|ab|wrk|newman)\b/,
    letters: 'uUa',
    form: 'user-and-password',
  },
];
const lookBack = 200;
const shortLetters = new Set([...'pPawuUkK']);

export function addShortOption(text: string, at: number, to: number, found: Match[]): number {
  const letter = text[at + 1];
  if (letter === undefined || !shortLetters.has(letter)) return -1;
  const before = commandBefore(text, at);
  for (const { command, letters, form } of shortOptions) {
    if (!letters.includes(letter) || !command.test(before)) continue;
    const next = new RegExp(gap, 'y');
    next.lastIndex = at + 2;
    const isSpaced = next.test(text);
    if (isSpaced ? form === 'joined' : form === 'spaced') continue;
    // `-port`, `-auth`: a long name after one dash, where the password has to stand apart.
    if (!isSpaced && form !== 'joined' && /^-[a-z]{2,12}\b/.test(text.slice(at, at + 14))) continue;
    const from = isSpaced ? next.lastIndex : at + 2;
    if (form === 'user-and-password') return addLoginWord(text, from, to, found);
    return addWord(
      text,
      from,
      to,
      found,
      (value) => !/^(?:(?:[\d.]+:)?\d{2,5}(?::\d{2,5})?|-.*)$/.test(value),
      'password',
    );
  }
  return -1;
}

/** The command that the option at `at` belongs to: of a list from its bracket, of a text from its beginning. */
function commandBefore(text: string, at: number): string {
  const window = text.slice(Math.max(0, at - lookBack), at);
  const isList = text[at - 1] === "'" || text[at - 1] === '"';
  const ends = isList ? /[[(\n]|[;|] / : /["'],\s?[bru]?["']?|\n|\\n|;\s|\|\s|&&|[([]["']/;
  return window.split(ends).at(-1) ?? '';
}

/** `me:x`, `me%x`, `me,x`. */
function addLoginWord(text: string, from: number, to: number, found: Match[]): number {
  const user = /(?:\\{0,3}["'])?[^\s:%,"']{0,128}[:%,]/y;
  user.lastIndex = from;
  if (!user.test(text)) return -1;
  return addWord(text, user.lastIndex, to, found, (value) => !/^\/\/|^\d{1,5}(?::\d{1,5})?$/.test(value), 'password');
}

/** Commands whose secret has a place and no name, by the word they begin with; the secret is the last group. */
const spoken: ReadonlyMap<string, RegExp> = new Map(
  [
    [
      'AUTH',
      String.raw`AUTH${gap}(?:(?:PLAIN|LOGIN|default|[\w.-]{1,32})${gap})?(?=[^\s"']*[\d!@#$%^&*=+-])([^\s"']{4,512})`,
    ],
    ['auth', String.raw`auth${gap}(?=[^\s"']*\d)(?=[^\s"']*[A-Za-z])([^\s"'=:]{8,512})(?=$|["'])`],
    ['requirepass', String.raw`requirepass${gap}([^\s"']{2,512})`],
    ['masterauth', String.raw`masterauth${gap}([^\s"']{2,512})`],
    ['PASS', String.raw`PASS${gap}(?=[^\s"']*[\d!@#$%^&*-])(?![^\s"']*(?:/|\.py|::))([^\s"']{4,512})`],
    ['IDENTIFY', String.raw`IDENTIFY${gap}(?:[\w.-]{1,32}${gap})?([^\s"']{4,512})`],
    ['LOGIN', String.raw`LOGIN${gap}"?[\w.@+-]{1,64}"?${gap}"?(?=[^\s"']*[\d!@#$%^&*])([^\s"']{4,512})`],
    ['login', String.raw`login${gap}(?=[^\s"']*\d)([\w.-]{12,512})(?=$|[\s"'])`],
    ['net', String.raw`net user [\w.-]{1,64} ([^\s"'/]{4,128}) /add`],
    ['add_user', String.raw`add_user${gap}[\w.@-]{1,64}${gap}([^\s"']{2,512})`],
    ['change_password', String.raw`change_password${gap}[\w.@-]{1,64}${gap}([^\s"']{2,512})`],
    ['authenticate_user', String.raw`authenticate_user${gap}[\w.@-]{1,64}${gap}([^\s"']{2,512})`],
    ['htpasswd', String.raw`htpasswd${gap}-\w*b\w*${gap}(?:[^\s"']{1,256}${gap}){1,2}([^\s"']{2,512})`],
    [
      'echo',
      String.raw`echo (?:-n )?["']?(?:[\w.-]{1,64}:)?([^\s"'|:$]{3,512})["']? ?\| ?(?:sudo )?(?:docker|podman|helm|skopeo|crane|chpasswd|passwd|cryptsetup|gh|faillog|sudo -S|openssl|-S)\b`,
    ],
    [
      'printf',
      String.raw`printf (?:'%s' )?["']?([^\s"'|:$%]{3,512})["']? ?\| ?(?:docker|podman|helm|chpasswd|passwd|gh)\b`,
    ],
    ['WIFI', String.raw`WIFI:(?:[A-OQ-Z]:[^;]{0,128};){0,6}P:([^;\s"']{1,128})`],
    [
      'machine',
      String.raw`machine[ \t\n]+\S{1,128}[ \t\n]+login[ \t\n]+\S{1,128}[ \t\n]+password[ \t\n]+([^\s"']{1,512})`,
    ],
  ].map(([name, pattern]) => [name as string, new RegExp(pattern as string, 'dy')]),
);
const settingWords: ReadonlySet<string> = new Set(['set', 'SET', 'put', 'setx', 'config']);
const setPassword = /SET PASSWORD(?: FOR [^=\n]{1,80}?)?\s?(?:=|TO)\s?(?:PASSWORD\()?\\{0,3}["']([^'"\\]{1,256})/dy;
const setting = new RegExp(
  String.raw`(?:set|SET|put|setx|config|--global|--add)${gap}([\w.:/-]{2,96})${gap}((?:[^\s"'\\=]){2,1024})`,
  'dy',
);

/** The command whose first word stands at `from`; answers the end of its secret, or -1. */
export function addCommand(text: string, from: number, name: string, to: number, judge: Judge, found: Match[]): number {
  if (settingWords.has(name)) {
    setPassword.lastIndex = from;
    const password = name === 'SET' ? setPassword.exec(text)?.indices?.[1] : undefined;
    if (password !== undefined) return push(found, password, to, 'password');
    setting.lastIndex = from;
    const match = setting.exec(text);
    const place = match?.indices?.[2];
    if (match === null || place === undefined) return -1;
    const verdict = judge((match[1] as string).split(/[/:]/).at(-1) as string);
    if (name === 'config' && !/\d/.test(match[2] as string)) return -1;
    if (verdict === undefined || verdict.isWeak || /^(?:to|for|in|is|as|by|of|on|from)$/i.test(match[2] as string))
      return -1;
    return push(found, place, to, verdict.kind);
  }
  const pattern = spoken.get(name);
  if (pattern === undefined) return -1;
  pattern.lastIndex = from;
  const place = pattern.exec(text)?.indices?.[1];
  return place === undefined ? -1 : push(found, place, to, 'password');
}

/** First words of commands, to be asked about. */
export const commandWords: ReadonlySet<string> = new Set([...spoken.keys(), ...settingWords]);

/** `/p:x` and `/user:me x` of Windows. */
export function addSlashOption(text: string, at: number, to: number, found: Match[]): number {
  const next = text.charCodeAt(at + 1);
  if (next !== 112 && next !== 117) return -1;
  const form = /\/(?:p:|pass:|user:[^\s"']{1,128} )(?![/-])((?:[^\s"'\\]){3,256})/dy;
  form.lastIndex = at;
  const place = form.exec(text)?.indices?.[1];
  if (
    place === undefined ||
    !/\b(?:xfreerdp|rdesktop|mstsc|net use|cmdkey|schtasks|psexec|wmic|runas|freerdp)\b/i.test(commandBefore(text, at))
  )
    return -1;
  return push(found, place, to, 'password');
}

function push(found: Match[], [from, end]: readonly [number, number], to: number, kind: string): number {
  const stop = Math.min(end, to);
  found.push({ from, to: stop, kind });
  return stop;
}

function addWord(
  text: string,
  at: number,
  to: number,
  found: Match[],
  isSecret: (value: string) => boolean,
  kind: string,
): number {
  word.lastIndex = at;
  const match = word.exec(text);
  const place = match?.indices?.[1];
  if (match === null || place === undefined) return -1;
  const quoted = /^\\{0,3}["']/.exec(text.slice(at, at + 4))?.[0];
  let end = place[1];
  if (quoted !== undefined) {
    const close = text.indexOf(quoted, place[0]);
    if (close > 0 && close - place[0] < 512 && close < to) end = close;
  }
  const value = text.slice(place[0], Math.min(end, to));
  return isSecret(value) ? push(found, [place[0], end], to, kind) : -1;
}

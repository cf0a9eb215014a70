/** Secrets that show by their own shape, wherever they stand. Each pattern is linear: bounded, and anchored on a trigger. */

interface Pattern {
  readonly kind: string;
  /** Text without this is not looked at. */
  readonly trigger: (text: string) => boolean;
  readonly regex: RegExp;
  /** Of the match, what is secret and whether it really is one; undefined keeps the text. */
  readonly secret: (match: RegExpExecArray) => { readonly from: number; readonly to: number } | undefined;
}

const whole = (match: RegExpExecArray) => ({ from: match.index, to: match.index + match[0].length });
const group = (index: number) => (match: RegExpExecArray) => {
  const from = match.indices?.[index]?.[0];
  const to = match.indices?.[index]?.[1];
  return from === undefined || to === undefined || from === to ? undefined : { from, to };
};
const has = (...texts: readonly string[]) => (text: string) => texts.some((needle) => text.includes(needle));

export const patterns: readonly Pattern[] = [
  {
    kind: 'pem',
    trigger: has('-----BEGIN'),
    regex: /-----BEGIN [A-Z0-9 ]{0,40}(?:PRIVATE KEY|CERTIFICATE|MESSAGE|SIGNATURE)(?: BLOCK)?-----(?:(?!-----)[\s\S]){0,20000}(?:-----END [A-Z0-9 ]{0,60}-----)?/dg,
    secret: whole,
  },
  // scheme://user:password@host. The password may hold any sign but white space; the last @ before the path counts.
  { kind: 'password', trigger: has('://'), regex: /[a-z][a-z0-9+.-]{1,30}:\/\/[^\s/?#:@'"]{0,256}:([^\s'"<>]{1,512})@(?=[\w.[\]%-])/dgi, secret: group(1) },
  { kind: 'token', trigger: has('://'), regex: /[a-z][a-z0-9+.-]{1,30}:\/\/([A-Za-z0-9_-]{20,256})@(?=[\w.[-])/dgi, secret: group(1) },
  { kind: 'token', trigger: has('hooks.slack.com'), regex: /hooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Za-z0-9/_-]{10,200})/dg, secret: group(1) },
  { kind: 'token', trigger: has('/api/webhooks/'), regex: /\/api\/webhooks\/\d{5,30}\/([\w-]{20,200})/dg, secret: group(1) },
  { kind: 'token', trigger: has('earer ', 'EARER '), regex: /\bbearer\s+(?!token\b|auth|realm)([A-Za-z0-9._~+/=:-]{6,4096})/dgi, secret: group(1) },
  { kind: 'password', trigger: has('asic ', 'ASIC '), regex: /\bbasic\s+([A-Za-z0-9+/]{8,1024}={0,2})(?![\w-])/dgi, secret: (match) => (/[A-Z\d=]/.test(match[1] ?? '') ? group(1)(match) : undefined) },
  { kind: 'token', trigger: has('uthorization'), regex: /\b(?:digest|token|apikey|negotiate|hmac|aws4-hmac-sha256)\s+([A-Za-z0-9._~+/=:-]{16,4096})/dgi, secret: group(1) },
  { kind: 'jwt', trigger: has('eyJ'), regex: /\beyJ[A-Za-z0-9_-]{6,4096}(?:\.[A-Za-z0-9_-]{0,8192}){0,4}/dg, secret: whole },
  {
    kind: 'token',
    trigger: has('gh', 'gl', 'xox', 'xapp', 'sk', 'pk_', 'rk_', 'AKIA', 'ASIA', 'AIza', 'ya29', 'SG.', 'npm_', 'pypi-', 'dop_', 'hvs.', 'whsec_', 'shp', 'key-', 'EAA', 'lin_', 'hf_', 'sq0', 'AC', 'SK', 'github_pat', 'do', 'ATATT', 'glsa_', 'dckr_', 'rdme', 'PMAK', 'tok_', 'xkeysib', 'AGE-', 'nfp_', 'figd_', 'phc_', 'phx_', 'r8_', 'gsk_', 'xai-', 'sbp_', 'sntry', 'dapi', 'vault'),
    regex: /\b(?:gh[pousr]_[A-Za-z0-9]{10,255}|github_pat_\w{10,255}|gl(?:pat|ptt|dt|rt|cbt|ft|agent|soat|sa|imt)[-_][\w.-]{10,255}|xox[abeoprs](?:\.xox[bp])?-[\w-]{8,255}|xapp-[\w-]{8,255}|sk[-_](?:live|test|proj|ant|or|svcacct|admin)?[-_]?[\w-]{12,255}|[pr]k_(?:live|test)_\w{8,255}|whsec_[\w+/=]{8,255}|(?:AKIA|ASIA|AROA|ABIA|ACCA)[A-Z0-9]{12,20}|AIza[\w-]{20,60}|ya29\.[\w.-]{10,500}|SG\.[\w-]{8,60}\.[\w-]{8,80}|npm_[A-Za-z0-9]{16,60}|pypi-[\w-]{16,300}|do[opr]_v1_[a-f0-9]{16,80}|hv[sbr]\.[\w-]{16,300}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{16,60}|key-[a-f0-9]{24,60}|EAA[A-Za-z0-9]{30,300}|lin_(?:api|oauth)_\w{16,80}|hf_[A-Za-z0-9]{16,60}|sq0[a-z]{3}-[\w-]{16,60}|(?:AC|SK)[a-f0-9]{32}|ATATT3[\w=-]{20,300}|glsa_\w{20,80}|dckr_pat_[\w-]{16,60}|PMAK-[\w-]{20,90}|xkeysib-[\w-]{20,120}|nfp_\w{20,60}|figd_[\w-]{20,60}|ph[cx]_\w{20,60}|r8_\w{20,60}|gsk_\w{20,80}|xai-\w{20,120}|sbp_[a-f0-9]{20,60}|sntry[su]_[\w=+/-]{20,300}|dapi[a-f0-9]{28,40}|tok_\w{12,60})/dg,
    secret: whole,
  },
  { kind: 'hash', trigger: has('$2', '$argon2', '$5$', '$6$', '$1$', '$scrypt', '$y$'), regex: /\$(?:2[abxy]?\$\d\d\$[./A-Za-z0-9]{20,60}|(?:argon2(?:id|i|d)|scrypt|y|[156])\$[^\s'"]{16,300})/dg, secret: whole },
  { kind: 'hash', trigger: has('pbkdf2', 'bcrypt', 'scrypt', 'argon2', 'sha1$', 'md5$', 'sha256$'), regex: /\b(?:pbkdf2(?:[_:]\w{3,10}){1,2}|bcrypt(?:_sha256)?|scrypt|argon2|sha1|sha256|md5)(?:[$:][\w./+=,-]{1,200}){2,6}/dg, secret: whole },
  { kind: 'iban', trigger: (text) => /[A-Z]{2}\d{2}/.test(text), regex: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b/dg, secret: (match) => (isIban(match[0]) ? whole(match) : undefined) },
  { kind: 'card', trigger: (text) => /\d{4}/.test(text), regex: /(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d]|[.-]\d)/dg, secret: (match) => (isCard(match[0]) ? whole(match) : undefined) },
  { kind: 'email', trigger: has('@'), regex: /(?<![\w.+%@:-])[\p{L}\d][\p{L}\d._%+'-]{0,63}@(?:[\p{L}\d](?:[\p{L}\d-]{0,62})\.){1,6}[\p{L}]{2,24}(?![\w@]|\.\w)/dgu, secret: (match) => (isEmail(match) ? whole(match) : undefined) },
  { kind: 'phone', trigger: has('+', '00'), regex: /(?<![\w+.:/-])(?:\+|00)(?=[1-9])\d{1,3}[ .()/-]{0,2}\d(?:[ .()/-]{0,2}\d){6,12}(?![\w:]|[.-]\d)/dg, secret: (match) => (match[0].startsWith('+') || /[ ()-]/.test(match[0]) ? whole(match) : undefined) },
];

/** Mod 97 of the rearranged number is 1 (ISO 13616). */
export function isIban(text: string): boolean {
  const plain = text.replaceAll(' ', '');
  if (plain.length < 15 || plain.length > 34) return false;
  let rest = 0;
  for (const sign of plain.slice(4) + plain.slice(0, 4)) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** Issuer ranges and the check digit of Luhn; the separators must be regular. */
export function isCard(text: string): boolean {
  const digits = text.replace(/[ -]/g, '');
  if (digits.length < 13 || digits.length > 19 || !/^(?:4|5[1-5]|2[2-7]|3[0-9]|6[0-9]|81|9792|50|5[6-9])/.test(digits)) return false;
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index]);
    sum += index % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0 && !/^(\d)\1+$/.test(digits);
}

// Node names of workers (`celery@host.internal`), packages and git remotes look like addresses.
function isEmail(match: RegExpExecArray): boolean {
  const [name, domain] = match[0].split('@') as [string, string];
  if (/^(?:celery|worker\d*|w\d+|gen\d+|git|beat|root|deploy)$/i.test(name) && /\.(?:internal|local|svc|cluster|lan|com|org)$/i.test(domain)) {
    return !/\.(?:internal|local|svc|cluster|lan)$/i.test(domain) && name !== 'git' && !/^gen\d+$/.test(name) && name !== 'celery';
  }
  return !/\.(?:internal|local|svc|cluster|lan|localdomain|py|js|ts|png|jpg)$/i.test(domain);
}

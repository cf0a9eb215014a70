/** Tokens with a shape of their own: of known vendors, signed ones, and prefixed ones of unknown vendors. */
import type { TextScan } from '../values/text-scan.ts';

const vendor = new RegExp(
  [
    'gh[pousr]_[A-Za-z0-9]{8,255}',
    'github_pat_\\w{8,255}',
    'gl(?:pat|ptt|dt|rt|cbt|ft|agent|soat|sa|imt|oas)[-_][\\w.-]{8,255}',
    'xox[a-z](?:\\.xox[bp])?-[\\w-]{6,255}',
    'xapp-[\\w-]{8,255}',
    'sk[-_](?:live|test|proj|ant|or|svcacct|admin)[-_][\\w*-]{4,255}',
    'sk[-_](?:[A-Za-z0-9-]{0,40}\\*{3}[\\w*-]{0,80}|(?=[A-Za-z0-9_-]{0,40}\\d)[A-Za-z0-9_]{16,255}[\\w-]{0,80})',
    '[pr]k_(?:live|test)_\\w{8,255}',
    'whsec_[\\w+/=]{8,255}',
    '(?:AKIA|ASIA|AROA|ABIA|ACCA|AIDA)[A-Z0-9]{8,20}',
    'AIza[\\w-]{12,60}',
    'GOCSPX-[\\w-]{12,60}',
    'ya29\\.[\\w.-]{10,500}',
    'SG\\.[\\w-]{8,60}(?:\\.[\\w-]{0,80})?',
    'npm_[A-Za-z0-9]{12,60}',
    'pypi-[\\w-]{16,300}',
    'do[opr]_v1_[a-f0-9]{12,80}',
    'hv[sbr]\\.[\\w-]{12,300}',
    'shp(?:at|ca|pa|ss|ua)_[a-fA-F0-9]{12,60}',
    'key-[a-z0-9]{32}(?![a-z0-9])',
    's\\.[A-Za-z0-9]{24}(?![\\w.])',
    '[MNO][A-Za-z\\d_-]{22,27}\\.[\\w-]{6}\\.[\\w-]{25,40}',
    'A{18,30}[\\w%]{40,120}',
    'EAA[A-Za-z0-9]{24,300}',
    'EAAA[\\w-]{24,300}',
    'lin_(?:api|oauth)_\\w{12,80}',
    'hf_[A-Za-z0-9]{16,60}',
    'sq0[a-z]{3}-[\\w-]{12,60}',
    '(?:AC|SK)[a-f0-9]{32}',
    'ATATT3[\\w=-]{16,300}',
    'ATCTT3[\\w=-]{16,300}',
    'gl(?:sa|c)_[\\w=]{16,200}',
    'dckr_[op]at_[\\w-]{12,60}',
    'PMAK-[\\w-]{16,90}',
    'x(?:keysib|smtpsib)-[\\w-]{16,120}',
    'nf[pcb]_\\w{16,60}',
    'figd_[\\w-]{16,60}',
    'ph[cx]_\\w{16,60}',
    'r8_\\w{16,60}',
    'gsk_\\w{16,80}',
    'xai-\\w{16,120}',
    'sbp_[a-f0-9]{16,60}',
    'sntry[su]_[\\w=+/-]{16,300}',
    'dapi[a-f0-9]{28,40}(?:-\\d)?',
    'tok_\\w{12,60}',
    'dp\\.(?:pt|st|ct|sa|scim|audit)\\.[\\w.-]{16,80}',
    'pat-(?:na|eu)\\d-[\\w-]{16,60}',
    'NRAK-[A-Z0-9]{16,40}',
    'NRII-[\\w-]{16,40}',
    'CFPAT-[\\w-]{16,60}',
    'rubygems_[a-f0-9]{16,60}',
    'rzp_(?:live|test)_\\w{10,40}',
    'ntn_\\w{16,60}',
    'AKCp[A-Za-z0-9]{16,80}',
    'LTAI[A-Za-z0-9]{12,30}',
    'AGE-SECRET-KEY-1[A-Z0-9]{20,80}',
    'FLWSECK[\\w-]{12,60}',
    'SCW[A-Z0-9]{16,30}',
    'tskey-[\\w-]{10,100}',
    'pscale_(?:pw|tkn|oauth)_[\\w.-]{12,80}',
    'EZ[AT]K\\w{20,80}',
    'fo1_[\\w-]{16,80}',
    'fm[12]_[\\w+/=-]{16,800}',
    'v1\\.0-[a-f0-9]{20,40}-[\\w-]{16,200}',
    'BBDC-[\\w+/@]{16,80}',
    'ATBB\\w{16,60}',
    'NGROK\\w{16,60}',
    'ops_eyJ\\w{16,2000}',
    'secret_[A-Za-z0-9]{24,60}',
  ].join('|'),
  'y',
);
/** Starts of such tokens that are unmistakable, for tokens that were cut. */
const cutVendor =
  /(?:gh[pousr]_|github_pat_|gl(?:pat|ptt|dt|rt|ft)-|xox[a-z]-|xapp-|[spr]k_(?:live|test)_|sk-(?:proj|ant|or)-|whsec_|A[KS]IA|AIza|GOCSPX-|ya29\.|SG\.|npm_|pypi-|do[opr]_v1_|hv[sbr]\.|shp(?:at|ca|pa|ss)_|lin_api_|hf_|AT[AC]TT3|gl(?:sa|c)_|dckr_[op]at_|PMAK-|EAA|AGE-SECRET-KEY|ops_eyJ|sntry[su]_|NRAK-|rzp_(?:live|test)_|tskey-|pscale_(?:tkn|pw|oauth)_|dp\.(?:pt|st|ct|sa)\.|(?=[\w.-]{0,40}\d)(?:secret_|figd_|ph[cx]_|x(?:keysib|smtpsib)-|gsk_|r8_|xai-|sbp_|pat-(?:na|eu)\d-|ntn_|FLWSECK|key-|sq0[a-z]{3}-|AKCp|LTAI|CFPAT-|rubygems_|dapi(?=[0-9a-f]{6})))[\w=+/*-]{1,60}?(?=\.{3}|…|'?$)/y;
/** First letters of all vendors' tokens, to skip most words cheaply. */
const vendorFirst = new Set([...'gxsprwAyGSndhkElaqPfNCcLFTEtvBRobziMOm']);

/** End of a known vendor's token at `at`, or -1. */
export function vendorAt(text: string, at: number): number {
  if (!vendorFirst.has(text[at] as string)) return -1;
  vendor.lastIndex = at;
  if (vendor.test(text)) return vendor.lastIndex;
  cutVendor.lastIndex = at;
  return cutVendor.test(text) ? cutVendor.lastIndex : -1;
}

const jwt = /eyJ[A-Za-z0-9_-]{4,8192}(?:(?:\.|%2E)[A-Za-z0-9_-]{0,8192}){0,4}={0,2}/y;
/** Telegram's bot tokens: the id of the bot, a colon and the secret. */
const botToken = /\d{6,12}:[A-Za-z0-9_-]{30,50}/y;

/** End of the JSON Web Token at `at`, or -1. */
export function jwtAt(text: string, at: number): number {
  jwt.lastIndex = at;
  return jwt.test(text) ? jwt.lastIndex : -1;
}

/** End of the bot token at `at`, or -1. */
export function botTokenAt(text: string, at: number): number {
  botToken.lastIndex = at;
  return botToken.test(text) ? botToken.lastIndex : -1;
}

/** Prefixes of secret tokens: `acme_live_…`, `flow-api-…`, `zed_sk_…`. */
const secretPrefix =
  /(?:^|[_.-])(?:live|test|prod|sandbox|secret|sec|pat|token|tok|key|apikey|api|sk|pk|rk|priv|private|auth|access|refresh|bearer|pw|pass|sess|session|hook|webhook|svc|oauth)[_.-]$/i;
/** Prefixes of ids: of objects, people, runs. */
const idPrefix =
  /(?:^|[_.-])(?:ch|cus|in|sub|evt|event|price|pi|pm|seti|req|re|txn|acct|card|cs|usr|user|org|team|msg|run|job|task|order|ord|asst|thread|file|obj|img|doc|id|uuid|trace|span|node|pod|host|queue|batch|inv|invoice|cart|item|sku|src|step|call|chatcmpl|resp|vs|ba|po|tr|si|plan|prc|pl|lead|deal|cont|ticket|page|build|commit|sha|sha\d{1,3}|md5|crc32c?|blake\w{0,4}|rev|release|version|blob|chunk|part|upload|asset|video|track|playlist|room|conn|client|app|dev|device|ip|vol|snap|ami|sg|subnet|vpc|eni|i|arn|db|tbl|row|col|idx|pk|fk|uq|ix|cache|lock|mutex|celery|worker|k8s|svc)[_.-]$/i;

/**
 * Start of a token of an unknown vendor whose random part ends at `end`, in the word that starts at `from`; or -1. Such a
 * token is a prefix, a separator and a generated run. After a secret prefix any long mixed run counts, after another one
 * only a highly mixed run.
 */
export function generatedTokenFrom({ text, start }: TextScan, from: number, end: number): number {
  const word = text.slice(from, end);
  const body = word.slice(word.lastIndexOf('_') + 1);
  const isCut = text.startsWith('...', end);
  if (body.length < (isCut ? 8 : 16) || body.length > 256 || !/\d/.test(body) || !/[A-Za-z]/.test(body)) return -1;
  const bodyFrom = end - body.length;
  const head = /(?:[A-Za-z][A-Za-z0-9]{0,15}[_.-]){1,4}$/.exec(text.slice(Math.max(start, bodyFrom - 64), bodyFrom));
  if (head === null) return -1;
  const before = text.charCodeAt(bodyFrom - head[0].length - 1);
  // Part of a path, a file name or a host name.
  if (before === 47 || before === 92 || (text.charCodeAt(end) === 46 && !isCut) || before === 64) return -1;
  const isSecretPrefix = secretPrefix.test(head[0]);
  const isIdPrefix = idPrefix.test(head[0]) || head[0] === 'prod_';
  if (isIdPrefix && !(isSecretPrefix && isHighlyMixed(body)) && !/(?:secret|token|apikey|_sk|priv)/i.test(head[0]))
    return -1;
  return isSecretPrefix || isHighlyMixed(body) ? bodyFrom - head[0].length : -1;
}

/** True if small letters, capitals and digits alternate in at least a third of the places, as in no name. */
function isHighlyMixed(body: string): boolean {
  if (body.length < 18 || !/[a-z]/.test(body) || !/[A-Z]/.test(body)) return false;
  const changes = body.match(/[a-z](?=[A-Z\d])|[A-Z](?=\d)|\d(?=[A-Za-z])/g)?.length ?? 0;
  return changes * 3 >= body.length && !/[a-z]{6}|[A-Z]{6}|\d{6}/.test(body);
}

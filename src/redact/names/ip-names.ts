/** Names of addresses that belong to a person: of a client or a visitor, not of a server or a pod. */

const headerNames =
  /^(?:http)?(?:x?forwardedfor|xrealip|xclientip|remoteaddr|remoteaddress|clientaddr|clientaddress|peeraddr|peeraddress|peername|cfconnectingip|trueclientip|fastlyclientip|sourceip|srcip)$/;
const personWords =
  /^(?:ips?|ipadd?r(?:ess)?)$|client|remote|user|visitor|customer|caller|login|signup|signin|peer|guest|origin|browser|last|device|request|sender|source|src|attacker|from|buyer|registration|kunde|cliente|subscriber|member|player|actor/;
const machineWords = /server|pod|node|host|cluster|gateway|internal|broker|bind|listen/;

/** `words` as `wordsOf` returns them. */
export function isIpName(words: readonly string[]): boolean {
  const joined = words.join('');
  if (headerNames.test(joined)) return true;
  const last = words.at(-1);
  const isAddress =
    last === 'ip' ||
    last === 'ips' ||
    /ip(?:v)?add?r(?:ess)?(?:es)?$/.test(joined) ||
    /^(?:remote|client|user|visitor|customer)ip$/.test(last ?? '');
  return isAddress && personWords.test(joined) && !machineWords.test(joined);
}

/** True for a bare `ip` or `ip_address`, which may belong to a machine as well. */
export function isBareIpName(words: readonly string[]): boolean {
  return /^ips?$|^ipadd?r(?:ess)?$/.test(words.join(''));
}

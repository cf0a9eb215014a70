const words = /^(?:[a-z_]\w*\.)*(?:[A-Z][a-z0-9]+){2,}$/;
const errorWords =
  /(?:Error|Exception|Warning|Expired|Invalid|Missing|Failed|Failure|Required|Denied|Mismatch|Interrupt|Exit)$|(?:^|\.)(?:Invalid|Expired|Missing|Bad|Wrong|Unknown|No|Empty|Duplicate|Unexpected|Malformed|Revoked|Unauthorized|Weak)[A-Z]/;

/** True for the name of an exception class, `InvalidToken` or `jwt.ExpiredSignatureError`: it describes a problem. */
export function isExceptionName(name: string): boolean {
  return words.test(name) && errorWords.test(name);
}

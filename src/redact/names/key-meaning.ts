/** The kind of secret that a name announces. */
export type SecretKeyKind =
  | 'password'
  | 'token'
  | 'key'
  | 'secret'
  | 'cookie'
  | 'code'
  | 'card'
  | 'iban'
  | 'id'
  | 'phone'
  | 'email'
  | 'ip';

export interface KeyMeaning {
  readonly kind: SecretKeyKind;
  /** The name alone proves little (`key`, `auth`, `session`): the value has to look like a secret too. */
  readonly isWeak: boolean;
  /** A parameter of a URL: a generated value there is more often a key than an id. */
  readonly isUrlParameter?: true;
  /** A plural such as `secrets` or `passwords`: the entries of such a container have names of their own. */
  readonly isPlural?: true;
}

/** Names that the operator adds to the secret ones or takes from them, compared by their words. */
export interface KeyVocabulary {
  readonly sensitiveKeys: readonly string[];
  readonly safeKeys: readonly string[];
}

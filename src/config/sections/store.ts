/** The store that several instances share. */
import { option, type Written } from '../option.ts';
import { storeUrl } from '../values/broker-url.ts';
import { text } from '../values/leaf.ts';
import { name, nameExpected } from '../values/names.ts';
import type { Secret } from '../values/secret.ts';

export const store = {
  store: option(storeUrl(), {
    about:
      'Redis in which several instances agree on what was delivered: redis:// or rediss://. Without a store, alert ' +
      'state is in memory: it is lost at a restart, and every sidecar posts on its own. Preferably not the database ' +
      'of the broker.',
    sample: 'redis://localhost:6379/2',
    isSecret: true,
    placeholder: 'redis://unknown/0',
    variable: 'TASKVIGIL_STORE_URL',
  }),
  store_namespace: option(text(nameExpected, name), {
    about: 'Instances with the same namespace share their alerts. Separate fleets in one Redis need different ones.',
    default: 'default',
    variable: 'TASKVIGIL_STORE_NAMESPACE',
  }),
};

export interface StoreConfig {
  /** undefined keeps the state in memory. */
  readonly url: Secret | undefined;
  readonly namespace: string;
}

export function storeConfig(written: Written<typeof store>): StoreConfig {
  return { url: written.store, namespace: written.store_namespace };
}

/** Every broker system. The first one that observes a broker is used for it, so the more specific ones come first. */
import type { BrokerConfig } from '../config/sections/broker.ts';
import { celery } from '../source/celery/system.ts';
import type { System } from '../source/system.ts';

const systems: readonly System<BrokerConfig>[] = [celery];

/** Throws if no system of the list observes the broker. */
export function systemOf(broker: BrokerConfig, list: readonly System<BrokerConfig>[] = systems): System<BrokerConfig> {
  const system = list.find((one) => one.observes(broker));
  if (system === undefined) throw new Error(`no system observes the broker "${broker.name}"`);
  return system;
}

/** The order in which the parts of a daemon start, and stop in reverse. */
import type { Membership } from '../fleet/membership.ts';
import { type Service, stopTogether } from '../runtime/service.ts';
import type { FleetStore } from '../store/fleet.ts';
import type { Alerts } from './alerts.ts';
import type { BrokerWatch } from './broker.ts';
import type { Exports } from './exports.ts';
import type { WorkHandover } from './handover.ts';
import type { ReadinessTable } from './readiness.ts';
import type { SweepLoop } from './sweep-loop.ts';
import type { WorkKeeper } from './work-keeper.ts';

export interface ServicesOptions {
  readonly store: FleetStore;
  readonly membership: Membership;
  readonly handover: WorkHandover;
  /** undefined where nothing outlives the process, or a sidecar announces its work. */
  readonly workKeeper: WorkKeeper | undefined;
  readonly exports: Exports;
  readonly alerts: Alerts;
  readonly sweeps: SweepLoop;
  readonly brokers: readonly BrokerWatch[];
  readonly readiness: ReadinessTable;
}

export interface Services {
  /** Started from first to last, stopped from last to first. */
  readonly services: readonly Service[];
  /** Notifications that the stop could not deliver. */
  readonly undelivered: () => number;
}

/** Closing a connection takes milliseconds. A broker that needs longer leaves the rest of the deadline to the sinks. */
const brokersStopMs = 2_000;

/**
 * The brokers stop first, so that nothing new arrives. Then the sweeps derive the last outcomes, the sinks deliver them,
 * the open work is saved, and the membership releases its leases when another replica has nothing left to repeat.
 */
export function createServices(options: ServicesOptions): Services {
  const { store, membership, handover, workKeeper, exports, alerts, sweeps, brokers, readiness } = options;
  let undelivered = 0;
  const stopAlerts = async (): Promise<void> => {
    undelivered = await alerts.stop();
  };
  const services: readonly Service[] = [
    { name: 'fleet-store', start: async () => {}, stop: () => store.stop() },
    {
      name: membership.name,
      start: () =>
        membership.start({
          ...handover,
          watermark: () => String(sweeps.deliveredUntil()),
          onExporting({ note }) {
            exports.takeOver(Number(note) || 0);
            void workKeeper?.lead();
          },
        }),
      stop: () => membership.stop(),
    },
    ...(workKeeper === undefined ? [] : [workKeeper]),
    {
      name: 'sinks',
      start: () => alerts.start(),
      async stop() {
        await stopTogether([{ stop: stopAlerts }, exports]);
        sweeps.markDelivered();
      },
    },
    sweeps,
    {
      name: 'brokers',
      stopWithinMs: brokersStopMs,
      async start() {
        for (const broker of brokers)
          await broker.start((source, isConnected, since) => {
            readiness.setConnected(source, isConnected, since);
            workKeeper?.connected(source, isConnected, since);
          });
      },
      stop: () => stopTogether(brokers),
    },
  ];
  return { services, undelivered: () => undelivered };
}

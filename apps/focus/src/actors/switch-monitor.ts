import type { ActorContext, ActorKind } from '@parley/actor';
import type { Pulse } from '../adapters/switch-client.ts';

/** What a monitor takes. */
export type MonitorMessage =
  | { readonly kind: 'Watch'; readonly room: string }
  | { readonly kind: 'Unwatch'; readonly room: string }
  | { readonly kind: 'Probe' }
  | { readonly kind: 'Felt'; readonly pulse: Pulse };

interface MonitorState {
  readonly watchers: Set<string>;
  /** Probes in a row that found nobody, or no answer. */
  missed: number;
}

/** What a monitor works with. */
export interface MonitorSurroundings {
  probe(instance: string): Promise<Pulse>;
  /** Told once, with the rooms that watched. */
  gone(instance: string, rooms: readonly string[]): void;
}

/** Milliseconds between the end of a probe and the next. */
const period = 2000;

/**
 * Probes in a row after which a switch counts as dead. One that reconnects to NATS is without a responder for a moment, and
 * one that is paused may wake; a dead one is found within six seconds, a frozen one within ten.
 */
const patience: Readonly<Record<Pulse, number>> = { gone: 2, silent: 3, unknown: Infinity, alive: Infinity };

type Context = ActorContext<MonitorState, MonitorMessage>;

/** The actor that feels the pulse of one switch for the rooms of this instance that have sessions there. */
export function switchMonitorKind(around: MonitorSurroundings): ActorKind<MonitorState, MonitorMessage> {
  return {
    name: 'switch-monitor',
    load: () => ({ watchers: new Set(), missed: 0 }),
    receive(context, message) {
      const { state } = context;
      switch (message.kind) {
        case 'Watch':
          if (state.watchers.size === 0) context.arm('probe', period, { kind: 'Probe' });
          state.watchers.add(message.room);
          return;
        case 'Unwatch':
          state.watchers.delete(message.room);
          if (state.watchers.size === 0) context.sleep();
          return;
        case 'Probe':
          context.whenSettled(around.probe(context.identity), (felt) => ({
            kind: 'Felt',
            pulse: felt.ok ? felt.value : 'unknown',
          }));
          return;
        case 'Felt':
          felt(context, message.pulse, around);
      }
    },
  };
}

function felt(context: Context, pulse: Pulse, around: MonitorSurroundings): void {
  const { state, identity } = context;
  state.missed = pulse === 'gone' || pulse === 'silent' ? state.missed + 1 : 0;
  if (state.missed < patience[pulse]) {
    context.arm('probe', period, { kind: 'Probe' });
    return;
  }
  around.gone(identity, [...state.watchers]);
  state.watchers.clear();
  context.sleep();
}

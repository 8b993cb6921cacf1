import type { ServiceContext } from '@parley/service';

/** The measures of a focus. */
export interface Telemetry {
  /** Participants of a room that this instance owns. */
  roomSize(uri: string, participants: number): void;
  /** The room is gone, or another's. */
  roomGone(uri: string): void;
  roomsGone(matches: (uri: string) => boolean): void;
  joined(): void;
  left(count: number): void;
  refused(status: number): void;
}

/** Registers `parley_rooms`, `parley_participants` and the counters of joins, leaves and refusals. */
export function focusTelemetry({ metrics }: Pick<ServiceContext, 'metrics'>): Telemetry {
  const sizes = new Map<string, number>();
  metrics.gauge('rooms', 'rooms that this instance owns', [], (gauge) => {
    gauge.set(sizes.size);
  });
  metrics.gauge('participants', 'participants of the rooms that this instance owns', [], (gauge) => {
    let sum = 0;
    for (const size of sizes.values()) sum += size;
    gauge.set(sum);
  });
  const joins = metrics.counter('room_joins_total', 'participants that came');
  const leaves = metrics.counter('room_leaves_total', 'participants that went');
  const refusals = metrics.counter('room_refusals_total', 'INVITEs refused, by status code', ['code']);
  return {
    roomSize(uri, participants) {
      sizes.set(uri, participants);
    },
    roomGone(uri) {
      sizes.delete(uri);
    },
    roomsGone(matches) {
      for (const uri of sizes.keys()) if (matches(uri)) sizes.delete(uri);
    },
    joined() {
      joins.inc();
    },
    left(count) {
      leaves.inc(count);
    },
    refused(status) {
      refusals.inc({ code: String(status) });
    },
  };
}

export type { Child, ChildOptions, Exit } from './child.ts';
export { startChild } from './child.ts';
export type { EventuallyOptions } from './eventually.ts';
export { eventually } from './eventually.ts';
export { freePort, freePorts } from './free-port.ts';
export type { NatsServer } from './nats-server.ts';
export { startNats } from './nats-server.ts';
export { seededRandom } from './seeded-random.ts';
export { SimulatedClock } from './simulated-clock.ts';

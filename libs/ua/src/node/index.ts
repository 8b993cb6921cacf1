export type { NodeUserAgent, NodeUserAgentOptions, SipServer } from './node-user-agent.ts';
export { createNodeUserAgent } from './node-user-agent.ts';
export type { PipeOptions } from './open-pipe.ts';
export { nodePipes } from './open-pipe.ts';
export { systemClock, systemRandom } from './system.ts';

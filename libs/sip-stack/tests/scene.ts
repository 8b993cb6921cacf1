import { SimulatedClock } from '@parley/testing';
import { SipPair } from '../src/testing.ts';
import type { LinkSettings, SipPairOptions } from '../src/testing.ts';
import { RecordingUser } from './recording-user.ts';
import { seededRandom } from './seeded-random.ts';

/** A pair whose users take notes: left sends, right answers. */
export interface Scene {
  readonly clock: SimulatedClock;
  readonly left: RecordingUser;
  readonly right: RecordingUser;
  readonly pair: SipPair;
}

/** Sets up a pair on a link that is perfect but for what `link` says. */
export function scene(link: Partial<LinkSettings> = {}, layer: SipPairOptions['layer'] = {}): Scene {
  const clock = new SimulatedClock();
  const left = new RecordingUser();
  const right = new RecordingUser();
  const pair = new SipPair({ clock, random: seededRandom(7), left, right, link, layer: { grain: 1, ...layer } });
  return { clock, left, right, pair };
}

import { MessagePost } from './actors/page-mode/message-post.ts';
import { BeyondProxy } from './actors/proxy/beyond-proxy.ts';
import { DialogProxy } from './actors/proxy/dialog-proxy.ts';
import { Forks } from './actors/proxy/forks.ts';
import type { Sender } from './actors/proxy/sender.ts';
import { UserForks } from './actors/proxy/user-forks.ts';
import { UserProxy } from './actors/proxy/user-proxy.ts';
import type { DialogEnds } from './actors/rooms/dialog-ends.ts';
import type { Mail } from './build-mail.ts';
import type { Peers } from './federation/peers.ts';
import type { Ground } from './ground.ts';

/** The parts that forward requests of users. */
export interface Proxies extends Disposable {
  /** To users here. */
  readonly users: UserProxy;
  /** To other domains. */
  readonly beyond: BeyondProxy;
  /** Within dialogs. */
  readonly dialogs: DialogProxy;
  readonly forks: Forks;
  /** Requests that wait for a response. */
  readonly size: number;
}

/** What they lean on besides the ground. */
export interface ProxyParts {
  readonly sender: Sender;
  readonly peers: Peers;
  readonly ends: DialogEnds;
  readonly mail: Mail;
}

/** Puts them together. */
export function buildProxies(ground: Ground, { sender, peers, ends, mail }: ProxyParts): Proxies {
  const forks = new Forks({ ...ground, sender });
  const post = new MessagePost({ ...ground, ...mail });
  const beyond = new BeyondProxy({ ...ground, forks, ends, peers });
  return {
    forks,
    beyond,
    users: new UserProxy({ ...ground, post, forks: new UserForks({ ...ground, forks, ends }) }),
    dialogs: new DialogProxy({ ...ground, sender, forks, ends, peers, beyond }),
    get size() {
      return forks.size + post.size;
    },
    [Symbol.dispose]() {
      forks[Symbol.dispose]();
    },
  };
}

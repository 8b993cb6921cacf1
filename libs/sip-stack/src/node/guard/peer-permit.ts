import type { Verdict } from './verdict.ts';

/** What one peer may still do; asked for everything that comes from it. */
export interface PeerPermit {
  /** Octets came, and are about to be cut into messages. */
  octets(count: number): Verdict;
  /** A message came, or something that costs as much: a ping, bytes that are none. */
  message(): Verdict;
  /** Somebody above knows now who the peer is. */
  vouch(): void;
  /** The connection is gone. */
  end(): void;
}

/** The permit of those who are trusted. */
export const unlimited: PeerPermit = { octets: () => 'pass', message: () => 'pass', vouch() {}, end() {} };

import type { Refusal } from '@parley/prelude';
import type { ServiceContext } from '@parley/service';

/** What happens in this service, as metrics and log lines. */
export interface NicknameEvents {
  nicknameReserved(scope: string): void;
  nicknameReleased(scope: string): void;
  nicknameRefused(scope: string, refusal: Refusal): void;
}

/** Reports to the metrics and the log of a process; nicknames themselves stay out of both. */
export function nicknameEvents({ metrics, logger }: ServiceContext): NicknameEvents {
  const counter = metrics.counter('nickname_changes_total', 'nicknames asked for, by what came of it', ['outcome']);
  return {
    nicknameReserved(scope) {
      counter.inc({ outcome: 'reserved' });
      logger.debug({ scope }, 'nickname reserved');
    },
    nicknameReleased(scope) {
      counter.inc({ outcome: 'released' });
      logger.debug({ scope }, 'nickname released');
    },
    nicknameRefused(scope, { status }) {
      counter.inc({ outcome: status === 409 ? 'taken' : 'malformed' });
      logger.debug({ scope, status }, 'nickname refused');
    },
  };
}

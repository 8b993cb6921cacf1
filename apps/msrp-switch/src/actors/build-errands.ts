import type { Bus } from '@parley/bus';
import type { KnownMessages } from '../amendments/known-messages.ts';
import { MessageFinder } from '../amendments/message-finder.ts';
import type { AmendedHistory } from '../history/amended-history.ts';
import type { HistoryDesk } from '../history/history-desk.ts';
import type { BoardListener } from '../hub/switchboard.ts';
import type { MailDrop } from '../notifications/mail-drop.ts';
import type { RoomReceipts } from '../notifications/room-receipts.ts';
import { AmendmentDesk } from './amendment-desk.ts';
import type { Distributor } from './distributor.ts';
import { IndicatorDesk } from './indicator-desk.ts';
import type { MessageErrands } from './message-errands.ts';
import { NotificationDesk } from './notification-desk.ts';
import { SaidDesk } from './said-desk.ts';
import type { Surroundings } from './surroundings.ts';

/** What the desks behind the message desk share. */
export interface ErrandParts {
  readonly bus: Bus;
  readonly distributor: Distributor;
  readonly known: KnownMessages;
  readonly desk: HistoryDesk;
  readonly history: AmendedHistory;
  readonly receipts: RoomReceipts;
  readonly mail: MailDrop;
}

/** Puts the desks together that deal with what is read whole; the listeners are to hear who comes and goes. */
export function messageErrands(
  around: Surroundings,
  { bus, distributor, known, desk, history, receipts, mail }: ErrandParts,
): { readonly errands: MessageErrands; readonly listeners: readonly BoardListener[] } {
  const finder = new MessageFinder({ bus, clock: around.clock, known, history, desk });
  const indicator = new IndicatorDesk(around, distributor);
  const notification = new NotificationDesk(around, { distributor, finder, receipts, mail });
  const amendment = new AmendmentDesk(around, { distributor, known, finder, history, desk });
  const said = new SaidDesk(around, { known, receipts, indicators: indicator });
  return { errands: { said, indicator, notification, amendment }, listeners: [indicator, amendment] };
}

import { nodeBytes } from '@parley/service';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { DeviceBook } from '../location/device-book.ts';
import type { Inflate } from '../mailbox/content.ts';
import type { DeliveryHooks, MessageFate } from '../mailbox/delivery-hooks.ts';
import { forPlainOnly, unwrapped } from '../plain-only/adapt.ts';
import { mayTakeText, refusesCpim } from '../plain-only/accepts.ts';
import type { DispositionDesk } from './disposition-desk.ts';

/** What the adapter is built from. */
export interface DeviceAdapterOptions {
  readonly devices: Pick<DeviceBook, 'isPlainOnly' | 'notePlainOnly'>;
  readonly dispositions: Pick<DispositionDesk, 'tell'>;
  readonly inflate: Inflate;
}

/**
 * Gives each device what it takes: one that refuses `message/cpim` gets the text in it, then and from then on, and neither
 * is-composing nor disposition notifications. Sees to it that senders hear what they asked for.
 */
export class DeviceAdapter implements DeliveryHooks {
  private readonly options: DeviceAdapterOptions;

  constructor(options: DeviceAdapterOptions) {
    this.options = options;
  }

  contentFor(account: string, device: string, request: SipRequest): SipRequest | undefined {
    if (!this.options.devices.isPlainOnly(account, device)) return request;
    return forPlainOnly(request, nodeBytes, this.options.inflate);
  }

  instead(account: string, device: string, sent: SipRequest, response: SipResponse): SipRequest | undefined {
    if (refusesCpim(response)) this.options.devices.notePlainOnly(account, device);
    return mayTakeText(response) ? unwrapped(sent, nodeBytes, this.options.inflate) : undefined;
  }

  became(account: string, request: SipRequest, fate: MessageFate): Promise<void> | undefined {
    // A 415 that named no types meant the wrapper, since the text in it was taken.
    if (fate.kind === 'adapted') this.options.devices.notePlainOnly(account, fate.device);
    return this.options.dispositions.tell(account, request, fate);
  }
}

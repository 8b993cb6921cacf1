import { nodeBytes } from '@parley/service';
import type { SipRequest, SipResponse } from '@parley/sip';
import type { DeviceBook } from '../../location/device-book.ts';
import type { Inflate } from '../../mailbox/content.ts';
import { contentOf } from '../../mailbox/content.ts';
import type { DeliveryHooks, MessageFate } from '../../mailbox/delivery-hooks.ts';
import { forPlainOnly, unwrapped } from '../../plain-only/adapt.ts';
import { mayTakeText, refusesCpim } from '../../plain-only/accepts.ts';
import type { DispositionDesk } from '../receipts/disposition-desk.ts';

/** What the adapter is built from. */
export interface DeviceAdapterOptions {
  readonly devices: Pick<DeviceBook, 'isPlainOnly' | 'notePlainOnly' | 'takesNoComposing' | 'noteNoComposing'>;
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
    const { devices, inflate } = this.options;
    const isUnwanted = devices.takesNoComposing(account, device) && this.isComposing(request);
    if (isUnwanted) return undefined;
    return devices.isPlainOnly(account, device) ? forPlainOnly(request, nodeBytes, inflate) : request;
  }

  instead(account: string, device: string, sent: SipRequest, response: SipResponse): SipRequest | undefined {
    // RFC 3994 §4: who refuses one is sent no more.
    if (response.statusCode === 415 && this.isComposing(sent)) this.options.devices.noteNoComposing(account, device);
    if (refusesCpim(response)) this.options.devices.notePlainOnly(account, device);
    return mayTakeText(response) ? unwrapped(sent, nodeBytes, this.options.inflate) : undefined;
  }

  private isComposing(request: SipRequest): boolean {
    return contentOf(request, nodeBytes, this.options.inflate) === 'composing';
  }

  became(account: string, request: SipRequest, fate: MessageFate): Promise<void> | undefined {
    // A 415 that named no types meant the wrapper, since the text in it was taken.
    if (fate.kind === 'adapted') this.options.devices.notePlainOnly(account, fate.device);
    return this.options.dispositions.tell(account, request, fate);
  }
}

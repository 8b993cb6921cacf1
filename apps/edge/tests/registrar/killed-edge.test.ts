import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createResponseTo, field, parseSipMessage, readAll, readRaw, readRawAll, serialise } from '@parley/sip';
import type { SipResponse } from '@parley/sip';
import { unwrap } from '@parley/prelude';
import { eventually, freePorts } from '@parley/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EdgeProcesses } from '../support/edge-processes.ts';
import { Phone } from '../support/phone.ts';

const instance = '+sip.instance="<urn:uuid:a>"';

function flow(phone: Phone, regId: number) {
  const contact = `${phone.contact};${instance};reg-id=${regId};expires=600`;
  return phone.register(contact, ['Supported: outbound, gruu']);
}

function temporaryGruu(answer: SipResponse): string {
  const [contact] = unwrap(readAll(answer, field.contact));
  return contact === undefined || contact === '*' ? '' : (contact.tempGruu ?? '');
}

async function query(phone: Phone): Promise<readonly string[]> {
  return readRawAll(await phone.request('REGISTER', 'sip:localhost', { to: `sip:${phone.user}@localhost` }), 'Contact');
}

describe('kill -9 of one of several edges', () => {
  let edges: EdgeProcesses;
  beforeAll(async () => {
    edges = await EdgeProcesses.open({ PARLEY_USERS: 'alice:secret,bob:secret,carol:secret' });
  });
  afterAll(async () => {
    await edges[Symbol.asyncDispose]();
  });

  it('ends the bindings of its connections, keeps those over UDP, and no GRUU of a living device is lost', async () => {
    const [first = 0, second = 0] = await freePorts(2);
    await using one = await edges.start(first, { PARLEY_INSTANCE: 'one' });
    await using _two = await edges.start(second, { PARLEY_INSTANCE: 'two' });
    await using bob = await Phone.udp(second, 'bob');
    await using carol = await Phone.udp(first, 'carol');
    await using over1 = await Phone.tcp(first, 'alice');
    await using over2 = await Phone.tcp(second, 'alice');
    // A socket that hears whoever sends to it, as the sockets of phones do.
    const device = createSocket('udp4');
    device.bind(0, '127.0.0.1');
    await once(device, 'listening');
    await carol.register(`<sip:carol@127.0.0.1:${device.address().port}>`);
    const temp = temporaryGruu(await flow(over1, 1));
    await flow(over2, 2);
    expect(await query(over2)).toHaveLength(2);

    process.kill(one.pid, 'SIGKILL');
    await one.exited;
    const toDevice = bob.message(temp, 'over the flow that is left');
    over2.answer(await over2.incoming(), 200);
    expect((await toDevice).statusCode).toBe(200);
    device.once('message', (octets, { port }) => {
      const request = unwrap(parseSipMessage(octets));
      if (request.kind === 'request') device.send(serialise(createResponseTo(request, 200)), port, '127.0.0.1');
    });
    expect((await bob.message('sip:carol@localhost')).statusCode).toBe(200);
    device.close();
    await over2.register(`${over2.contact};${instance};reg-id=2;expires=0`, ['Supported: outbound']);
    expect((await bob.message('sip:alice@localhost', 'kept')).statusCode).toBe(202);
    await eventually(async () => {
      expect(await query(over2)).toEqual([]);
    });

    await using again = await edges.start(first, { PARLEY_INSTANCE: 'one' });
    await using back = await Phone.tcp(first, 'alice');
    expect((await flow(back, 1)).statusCode).toBe(200);
    const kept = await back.incoming();
    expect([Buffer.from(kept.body).toString(), readRaw(kept, 'From')?.includes('bob')]).toEqual(['kept', true]);
    back.answer(kept, 200);
    expect(again.pid).not.toBe(one.pid);
  }, 240_000);
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSwitchLimits } from '../src/limits.ts';
import { House } from './support/house.ts';

describe('Binding a connection to a session (RFC 4975 §5.4)', () => {
  let house: House;
  /** Waits for nobody for long. */
  let impatient: House;
  beforeAll(async () => {
    house = await House.open({ limits: { ...defaultSwitchLimits, rebindTime: 30_000 } });
    impatient = await House.open({ limits: { ...defaultSwitchLimits, bindTime: 300 } });
  });
  afterAll(async () => {
    await house[Symbol.asyncDispose]();
    await impatient[Symbol.asyncDispose]();
  });

  it('happens by the first SEND whose paths are those of the session; it is answered with 200', async () => {
    const peer = await house.connect(await house.offer('alice'));
    expect(await peer.bind()).toBe(200);
    await house.hasTold('participantBound', 'alice');
  });

  it('compares URIs, not text (RFC 4975 §6.1): scheme, host and transport without regard to case', async () => {
    const offer = await house.offer('case', { peerPath: ['msrp://case.example.com:7654/Abc;tcp'] });
    const peer = await house.connect({ ...offer, fromPath: 'MSRP://Case.EXAMPLE.com:7654/Abc;TCP' });
    expect(await peer.bind()).toBe(200);
  });

  it('MUST be rejected with 481 when the To-Path names no session', async () => {
    const offer = await house.offer('nobody');
    const peer = await house.connect({
      ...offer,
      toPath: offer.toPath.replace(offer.session, 'aaaaaaaaaaaaaaaaaaaaaaaaaa'),
    });
    expect(await peer.bind()).toBe(481);
  });

  it('MUST be rejected with 481 when the From-Path is not the one of the offer', async () => {
    const offer = await house.offer('thief');
    const peer = await house.connect({ ...offer, fromPath: 'msrp://elsewhere.example.com:7654/s;tcp' });
    expect(await peer.bind()).toBe(481);
  });

  it('MUST be rejected with 506 when the session is in use on another connection', async () => {
    const offer = await house.offer('twice');
    expect(await (await house.connect(offer)).bind()).toBe(200);
    expect(await (await house.connect(offer)).bind()).toBe(506);
  });

  it('may happen again after its connection is gone, within the grace', async () => {
    const offer = await house.offer('again');
    const first = await house.connect(offer);
    await first.bind();
    first.socket.destroy();
    const second = await house.connect(offer);
    await expect.poll(() => second.bind()).toBe(200);
  });

  it('is lost, and the focus told, when the connection closes and does not come back', async () => {
    await using graceless = await House.open({ limits: { ...defaultSwitchLimits, rebindTime: 300 } });
    const { session, socket } = await graceless.join('leaver');
    socket.end();
    const { command } = await graceless.hasTold('participantLost', 'leaver');
    expect(command).toMatchObject({ value: { session, reason: 'connection lost' } });
  });

  it('is lost when nobody ever binds', async () => {
    await impatient.offer('absent');
    expect((await impatient.hasTold('participantLost', 'absent')).command).toMatchObject({
      value: { reason: 'never bound' },
    });
  });

  it('has time while its peer may ring still, and as long as others when that has answered', async () => {
    const ringing = await impatient.offer('ringing', { peerPath: [] });
    await impatient.offer('prompt');
    await impatient.hasTold('participantLost', 'prompt');
    const terms = impatient.openCommand('ringing');
    const change = { kind: 'change', value: { session: ringing.session, terms } } as const;
    expect(await impatient.command(change)).toMatchObject({ kind: 'done' });
    await impatient.hasTold('participantLost', 'ringing');
  });

  it('lets several sessions share a connection, which stays when one of them ends', async () => {
    const first = await house.join('one');
    const { toPath, fromPath, session } = await house.offer('two');
    const second = first.beside(toPath, fromPath);
    expect(await second.bind()).toBe(200);
    await house.command({ kind: 'close', value: { session, reason: 'BYE' } });
    expect(await second.bind()).toBe(481);
    expect(await first.bind()).toBe(200);
  });

  it('ends the connection with its last session', async () => {
    const peer = await house.join('last');
    await house.command({ kind: 'close', value: { session: peer.session, reason: 'BYE' } });
    await peer.closed();
  });

  it('closes a connection that does not speak MSRP, and one that never binds', async () => {
    const noisy = await house.connect(await house.offer('noise'));
    noisy.write('GET / HTTP/1.1\r\n\r\n');
    await noisy.closed();
    await (await impatient.connect(await impatient.offer('silence'))).closed();
  });

  it('answers 501 to methods that it does not know, AUTH among them', async () => {
    const peer = await house.join('auth');
    expect(await peer.ask({ method: 'AUTH' })).toBe(501);
    expect(await peer.ask({ method: 'FROBNICATE' })).toBe(501);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultSwitchLimits } from '../src/limits.ts';
import { House, openPolicy } from './support/house.ts';

describe.each([
  { dialect: 'draft-03', clause: 'draft-ietf-simple-chat-03 §7.1', malformed: 423, taken: 423, off: 501 },
  { dialect: 'rfc7701', clause: 'RFC 7701 §7.1', malformed: 424, taken: 425, off: 403 },
])('NICKNAME ($clause)', ({ dialect, malformed, taken, off }) => {
  let house: House;
  let held: Map<string, string>;
  beforeAll(async () => {
    house = await House.open({ environment: { PARLEY_CHAT_DIALECT: dialect } });
    held = house.serveNicknames();
  });
  afterAll(() => house[Symbol.asyncDispose]());

  it('is answered with 200 once reserved, and the focus hears of it', async () => {
    const alice = await house.join('alice');
    expect(await alice.nickname('Alice the "great"')).toBe(200);
    const { command } = await house.hasTold('nicknameChanged', 'alice');
    expect(command).toMatchObject({ value: { nickname: 'Alice the "great"' } });
  });

  it(`is answered with ${taken} when another participant has it; the old one stays in effect`, async () => {
    const [bob, carol] = [await house.join('bob'), await house.join('carol')];
    expect(await bob.nickname('Bob')).toBe(200);
    expect(await carol.nickname('Carol')).toBe(200);
    expect(await carol.nickname('Bob')).toBe(taken);
    expect(held.get('Carol')).toBe('sip:carol@localhost');
  });

  it('removes it when it is empty', async () => {
    const dave = await house.join('dave');
    await dave.nickname('Dave');
    expect(await dave.nickname('')).toBe(200);
    expect(held.has('Dave')).toBe(false);
  });

  it(`is answered with ${malformed} when Use-Nickname is absent or malformed`, async () => {
    const eve = await house.join('eve');
    expect(await eve.ask({ method: 'NICKNAME' })).toBe(malformed);
    const fields = [{ name: 'Use-Nickname', value: 'unquoted' }];
    expect(await eve.ask({ method: 'NICKNAME', fields })).toBe(malformed);
  });

  it(`is answered with ${off} when the room has none`, async () => {
    const frank = await house.join('frank');
    await house.command({ kind: 'updateHub', value: { hub: { ...openPolicy, nicknames: false } } });
    expect(await frank.nickname('Frank')).toBe(off);
  });
});

describe('The 423 of draft-ietf-simple-chat-03 §7.1', () => {
  it('says what it means there, not what RFC 4975 §10.7 means by it', async () => {
    await using house = await House.open();
    const alice = await house.join('alice');
    expect(await alice.ask({ method: 'NICKNAME' })).toBe(423);
    expect(alice.responses.at(-1)?.comment).toMatch(/^Nickname usage failed/);
  });
});

describe('NICKNAME without a nickname service', () => {
  it('is answered with 408, for it was not refused (RFC 4975 §10.4)', async () => {
    await using house = await House.open({ limits: { ...defaultSwitchLimits, nicknameTime: 100 } });
    const alice = await house.join('alice');
    expect(await alice.nickname('Alice')).toBe(408);
  });
});

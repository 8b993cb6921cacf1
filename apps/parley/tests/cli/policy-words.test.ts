import { describe, expect, it } from 'vitest';
import { parsePolicy } from '../../src/cli/policy-words.ts';

describe('policy as key=value words', () => {
  it('reads each key by its type', () => {
    const words = ['nicknames=no', 'history=0', 'nicknameScope=domain', 'welcome=a=b, c', 'members=alice, sip:b@c,'];
    expect(parsePolicy(words)).toEqual({
      nicknames: false,
      history: 0,
      nicknameScope: 'domain',
      welcome: 'a=b, c',
      members: ['alice', 'sip:b@c'],
    });
  });

  it('takes an empty value where it means something', () => {
    expect(parsePolicy(['members=', 'welcome=', 'password='])).toEqual({ members: [], welcome: '', password: '' });
  });

  it.each([
    ['history', '"history": expected key=value, such as history=0'],
    ['=5', '"=5": expected key=value, such as history=0'],
    ['history=many', '"history=many": expected a whole number'],
    ['history=-1', '"history=-1": expected a whole number'],
    ['moderated=maybe', '"moderated=maybe": expected true or false'],
    ['nicknameScope=world', '"nicknameScope=world": expected room or domain'],
    ['__proto__=1', '"__proto__" is no key of a policy'],
    ['constructor=1', '"constructor" is no key of a policy'],
  ])('says what is wrong with %s', (word, message) => {
    expect(() => parsePolicy([word])).toThrow(message);
  });

  it('refuses a key that is there twice', () => {
    expect(() => parsePolicy(['history=1', 'history=2'])).toThrow('history is there twice');
  });
});

import { describe, expect, it } from 'vitest';
import { createRequest, parseSipMessage, serialise } from '../src/index.ts';

describe('SIP message', () => {
  it('comes back from its octets', () => {
    const request = createRequest({ method: 'OPTIONS', requestUri: 'sip:a@b', fields: [['Call-ID', 'x']] });
    const parsed = parseSipMessage(serialise(request));
    expect(parsed.ok && serialise(parsed.value)).toEqual(serialise(request));
  });
});

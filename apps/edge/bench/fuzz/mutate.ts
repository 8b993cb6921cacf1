import { mutations } from '@parley/testing';

/** Mutations of SIP messages. */
export const mutate = mutations(
  'sip:',
  'sips:',
  'tel:+1',
  'im:',
  ';branch=z9hG4bK',
  ';rport',
  ';received=1.2.3.4',
  ';tag=a',
  ';lr',
  ';expires=0',
  'Via: SIP/2.0/UDP a;branch=z9hG4bKx\r\n',
  'Route: <sip:localhost;lr>\r\n',
  'Record-Route: <sip:x;lr>\r\n',
  'Content-Length: 5\r\n',
  'Contact: *\r\n',
  'Require: path\r\n',
  'Proxy-Authorization: Digest username="alice"\r\n',
  'Expires: 0\r\n',
  'Max-Forwards: 0\r\n',
  ' SIP/2.0',
);

import { isIP } from 'node:net';
import type { SettingType } from './setting-type.ts';

/** An IP address, or a network of them: `192.0.2.0/24`, `2001:db8::/32`. @spec RFC 4632 §3.1, RFC 4291 §2.3 */
export const network: SettingType<string> = {
  allowed: 'an IP address or a network such as 192.0.2.0/24',
  parse: (text) => {
    const [address = '', prefix, more] = text.split('/');
    const family = isIP(address);
    if (family === 0 || more !== undefined) return undefined;
    if (prefix === undefined) return text;
    return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128) ? text : undefined;
  },
};

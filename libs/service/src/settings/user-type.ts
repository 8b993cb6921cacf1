import { masked } from './setting-type.ts';
import type { SettingType } from './setting-type.ts';

/** An account that is made at start if it is absent. */
export interface InitialUser {
  readonly name: string;
  readonly password: string;
}

/** `name:password`; the name goes into a SIP URI, the password may hold anything but a comma. */
export const initialUser: SettingType<InitialUser> = {
  allowed: 'name:password, the name of letters, digits and any of - _ . ! ~ * + =',
  parse: (text) => {
    const [, name, password] = /^([a-z0-9\-_.!~*+=]{1,64}):(.+)$/i.exec(text) ?? [];
    return name === undefined || password === undefined ? undefined : { name, password };
  },
  show: masked,
};

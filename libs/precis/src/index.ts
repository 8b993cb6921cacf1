export type { DerivedProperty } from './derived-property.ts';
export { derivedProperty } from './derived-property.ts';
export { maxNameLength } from './length-limit.ts';
export type { Nickname, NicknameKey } from './nickname.ts';
export { enforceNickname, nicknameKey, prepareNickname, sameNickname } from './nickname.ts';
export type { StringClass } from './string-class.ts';
export { checkClass } from './string-class.ts';
export type { Username } from './username.ts';
export { enforceUsername, prepareUsername, sameUsername } from './username.ts';

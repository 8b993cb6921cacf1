import { readFileSync } from 'node:fs';
import { encodeUtf8, Fault, unwrap } from '@parley/prelude';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConferenceInfo } from '../src/index.ts';
import {
  conferenceInfoFrame,
  conferenceInfoText,
  readConferenceInfo,
  serialiseConferenceInfo,
  userText,
  xconNamespace,
} from '../src/index.ts';

const vector = (path: string) => readFileSync(new URL(`../../../test/vectors/${path}`, import.meta.url), 'utf8');

/** The document without comments and layout, with the namespaces that are always declared here. */
function plain(xml: string): string {
  return xml
    .replace(/<!--[^]*?-->/g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?(<|\/?>) ?/g, '$1')
    .replace(
      /(?<! xmlns:xcon="[^"]*")( entity="sips?:[^"]*" state="[a-z]*" version)/,
      ` xmlns:xcon="${xconNamespace}"$1`,
    )
    .trim();
}

const read = (xml: string) => readConferenceInfo(encodeUtf8(xml));

describe('conference-info documents (RFC 4575 §5)', () => {
  it.each(['rfc4575/valid/7.1-basic.xml', 'rfc4575/valid/7.2-rich.xml', 'rfc7701/valid/figure-7-nickname.xml'])(
    'are written as the RFC writes them: %s',
    (path) => {
      expect(plain(conferenceInfoText(unwrap(read(vector(path)))))).toBe(plain(vector(path)));
    },
  );

  it('tell who is there (§7.1)', () => {
    expect(unwrap(read(vector('rfc4575/valid/7.1-basic.xml')))).toMatchObject({
      entity: 'sips:conf233@example.com',
      state: 'full',
      version: 1,
      description: { subject: "Agenda: This month's goals", serviceUris: { entries: [{ purpose: 'web-page' }] } },
      conferenceState: { userCount: 33 },
      users: {
        users: [
          {
            entity: 'sip:bob@example.com',
            endpoints: [
              { status: 'disconnected', disconnectionMethod: 'departed', media: [{ id: '1', status: 'sendrecv' }] },
            ],
          },
          { displayText: 'Alice', endpoints: [{ status: 'connected', joiningInfo: { by: 'sip:mike@example.com' } }] },
        ],
      },
    });
  });

  it('carry the nickname as an attribute of RFC 6501 (RFC 7701 §9.6)', () => {
    const info = unwrap(read(vector('rfc7701/valid/figure-7-nickname.xml')));
    expect(info.users?.users.map(({ nickname }) => nickname)).toEqual(['Dopey Donkey', 'Alice the great']);
  });

  it('say that a user is gone (§4.6)', () => {
    const info: ConferenceInfo = {
      entity: 'sip:r@chat.example.com',
      state: 'partial',
      version: 2,
      users: { state: 'partial', users: [{ entity: 'sip:bob@example.com', state: 'deleted' }] },
    };
    expect(conferenceInfoText(info)).toContain(
      '<users state="partial"><user entity="sip:bob@example.com" state="deleted"/></users>',
    );
  });

  it('MUST have a version, and when full a description and users (§5.2)', () => {
    const full: ConferenceInfo = { entity: 'sip:r@h', version: 1, description: {}, users: { users: [] } };
    expect(conferenceInfoText(full)).toContain('<conference-description/><users/>');
    const { version: _version, ...noVersion } = full;
    const { users: _users, ...noUsers } = full;
    const { description: _description, ...noDescription } = full;
    for (const bad of [noVersion, noUsers, noDescription, { ...full, version: -1 }, { ...full, version: 2 ** 32 }]) {
      expect(() => conferenceInfoText(bad)).toThrow(Fault);
    }
    expect(() => conferenceInfoText({ ...noUsers, state: 'partial' })).not.toThrow();
  });

  it('leave out lists that the schema does not let be empty (§6)', () => {
    const text = conferenceInfoText({
      entity: 'sip:r@h',
      version: 1,
      description: { confUris: { entries: [] }, availableMedia: [] },
      users: { users: [{ entity: 'sip:a@h', roles: [], endpoints: [] }] },
    });
    expect(text).toContain('<conference-description/><users><user entity="sip:a@h"/></users>');
  });

  it('are UTF-8', () => {
    const octets = serialiseConferenceInfo({
      entity: 'sip:r@h',
      version: 1,
      state: 'deleted',
      description: { subject: 'é' },
    });
    expect(Buffer.from(octets).toString('utf8')).toContain('<subject>é</subject>');
  });

  it.each([
    ['<x xmlns="urn:ietf:params:xml:ns:conference-info"/>', 'another root'],
    ['<conference-info xmlns="urn:x" entity="a:b" version="1"/>', 'another namespace'],
    ['<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" version="1"/>', 'no entity'],
    ['<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="a:b"/>', 'no version'],
    [
      '<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="a:b" version="4294967296"/>',
      'too high a version',
    ],
  ])('are refused: %s (%s)', (xml) => {
    expect(read(xml)).toMatchObject({ ok: false, error: { rule: 'conference-info' } });
  });

  it('may hold what nobody knows', () => {
    const xml =
      '<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" xmlns:x="urn:x" entity="a:b" version="1" x:y="z">' +
      '<x:more/><conference-state><active> 1 </active><locked>maybe</locked><user-count>-1</user-count></conference-state>' +
      '<users state="odd"><user><x:display-text>no</x:display-text><endpoint><status>new</status></endpoint></user></users>' +
      '</conference-info>';
    expect(unwrap(read(xml))).toEqual({
      entity: 'a:b',
      version: 1,
      conferenceState: { active: true },
      users: { users: [{ endpoints: [{}] }] },
    });
  });
});

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const state = fc.constantFrom('full' as const, 'partial' as const, 'deleted' as const);
const status = fc.constantFrom('sendrecv' as const, 'inactive' as const);
const execution = fc.record(
  { when: fc.constant('2026-11-21T10:00:00Z'), reason: text, by: fc.constant('sip:a@h') },
  { requiredKeys: [] },
);
const uris = fc.record(
  {
    state,
    entries: fc.array(
      fc.record(
        { uri: fc.constant('sip:a@h;x=<"&>'), displayText: text, purpose: text, modified: execution },
        { requiredKeys: ['uri'] },
      ),
      { minLength: 1, maxLength: 2 },
    ),
  },
  { requiredKeys: ['entries'] },
);
const media = fc.record(
  { id: text, displayText: text, type: text, label: text, srcId: text, status },
  { requiredKeys: ['id'] },
);
const endpoint = fc.record(
  {
    entity: text,
    state,
    displayText: text,
    referred: execution,
    status: fc.constantFrom('connected' as const, 'on-hold' as const),
    joiningMethod: fc.constant('dialed-in' as const),
    joiningInfo: execution,
    disconnectionMethod: fc.constant('booted' as const),
    disconnectionInfo: execution,
    media: fc.array(media, { minLength: 1, maxLength: 2 }),
    callInfo: fc.record(
      { displayText: text, callId: text, fromTag: text, toTag: text },
      { requiredKeys: ['callId', 'fromTag', 'toTag'] },
    ),
  },
  { requiredKeys: [] },
);
const user = fc.record(
  {
    entity: text,
    state,
    nickname: text,
    displayText: text,
    associatedAors: uris,
    roles: fc.array(text, { minLength: 1, maxLength: 2 }),
    languages: fc.constant(['en', 'fr']),
    cascadedFocus: text,
    endpoints: fc.array(endpoint, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const description = fc.record(
  {
    displayText: text,
    subject: text,
    freeText: text,
    keywords: fc.constant(['sales', 'weekly']),
    confUris: uris,
    serviceUris: uris,
    maximumUserCount: fc.nat(),
    availableMedia: fc.array(
      fc.record({ label: text, displayText: text, type: text, status }, { requiredKeys: ['label', 'type'] }),
      {
        minLength: 1,
        maxLength: 2,
      },
    ),
  },
  { requiredKeys: [] },
);
const info = fc.record(
  {
    entity: fc.constant('sip:room@chat.example.com'),
    state,
    version: fc.nat(),
    description,
    hostInfo: fc.record({ displayText: text, webPage: text, uris }, { requiredKeys: [] }),
    conferenceState: fc.record(
      { userCount: fc.nat(), active: fc.boolean(), locked: fc.boolean() },
      { requiredKeys: [] },
    ),
    users: fc.record({ state, users: fc.array(user, { maxLength: 3 }) }, { requiredKeys: ['users'] }),
    sidebarsByRef: uris,
    sidebarsByVal: fc.record(
      {
        state,
        entries: fc.array(fc.record({ entity: text, users: fc.record({ users: fc.array(user, { maxLength: 1 }) }) }), {
          maxLength: 2,
        }),
      },
      { requiredKeys: ['entries'] },
    ),
  },
  { requiredKeys: ['entity', 'version', 'description', 'users'] },
);

describe('any conference-info document', () => {
  it('is well-formed and read back as it was written', () => {
    fc.assert(
      fc.property(info, (value) => {
        expect(unwrap(read(conferenceInfoText(value)))).toEqual(value);
      }),
    );
  });

  it('is the same when its frame is put around its version and users', () => {
    fc.assert(
      fc.property(info, ({ version, users, ...rest }) => {
        const { state: usersState = 'full' } = users;
        const { beforeVersion, beforeUsers, afterUsers } = conferenceInfoFrame(rest, usersState);
        const text = beforeVersion + String(version) + beforeUsers + users.users.map(userText).join('') + afterUsers;
        expect(unwrap(read(text))).toEqual({ ...rest, version, users: { ...users, state: usersState } });
      }),
    );
  });
});

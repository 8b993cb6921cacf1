import { unwrap } from '@parley/prelude';
import { describe, expect, it } from 'vitest';
import type { CpimHead } from '../src/index.ts';
import {
  coreNamespace,
  cpimFrom,
  cpimHeader,
  cpimHeaders,
  imdnNamespace,
  parseCpim,
  parseCpimHead,
  qualifiedNames,
  requiredFeatures,
} from '../src/index.ts';
import { octets, vector } from './vectors.ts';

function headOf(...lines: string[]): CpimHead {
  const scan = unwrap(parseCpimHead(octets(`${lines.join('\r\n')}\r\n\r\n`)));
  if (!scan.complete) throw new Error('incomplete');
  return scan.value;
}

const acme = 'http://id.acme.widgets/wily-headers/';

describe('namespaces (RFC 3862 §3.4)', () => {
  it.each([
    ['acme', ['NS: acme <http://id.acme.widgets/wily-headers/>', 'acme.runner-trap: set']],
    ['widget', ['NS: widget <http://id.acme.widgets/wily-headers/>', 'widget.runner-trap: set']],
    ['no prefix', ['NS: <http://id.acme.widgets/wily-headers/>', 'runner-trap: set']],
    ['no space before the URI', ['NS: acme<http://id.acme.widgets/wily-headers/>', 'acme.runner-trap: set']],
  ])('make a header mean the same with %s', (_, lines) => {
    expect(cpimHeader(headOf(...lines), acme, 'runner-trap')?.value).toBe('set');
  });

  it('MUST be declared before their prefix is used', () => {
    const head = headOf('acme.trap: early', `NS: acme <${acme}>`, 'acme.trap: late');
    expect(cpimHeaders(head, acme, 'trap').map(({ value }) => value)).toEqual(['late']);
    expect(qualifiedNames(head)[0]).toEqual({ namespace: undefined, name: 'trap' });
  });

  it('keep equal names apart', () => {
    const head = headOf('From: <im:a@b>', `NS: x <${acme}>`, 'x.From: <im:evil@b>');
    expect(unwrap(cpimFrom(head)).uri).toBe('im:a@b');
  });

  it('take unprefixed headers away from the core namespace once the default is another', () => {
    const head = headOf(`NS: core <${coreNamespace}>`, `NS: <${acme}>`, 'From: <im:evil@b>', 'core.From: <im:a@b>');
    expect(unwrap(cpimFrom(head)).uri).toBe('im:a@b');
    expect(cpimHeader(head, acme, 'From')?.value).toBe('<im:evil@b>');
  });

  it('follow the newest declaration, core prefix included', () => {
    const head = headOf(
      `NS: core <${coreNamespace}>`,
      `NS: <${acme}>`,
      'NS: p <urn:not:this>',
      'core.NS: p <urn:this>',
      'p.x: 1',
    );
    expect(cpimHeader(head, 'urn:this', 'x')?.value).toBe('1');
    expect(cpimHeader(head, acme, 'NS')?.value).toBe('p <urn:not:this>');
  });

  it('are not declared by a malformed value', () => {
    const head = headOf('NS: p <no end', 'p.x: 1');
    expect(qualifiedNames(head)[1]?.namespace).toBeUndefined();
  });

  it('match names with their case (§2.2)', () => {
    expect(cpimFrom(headOf('from: <im:a@b>'))).toMatchObject({ ok: false });
  });

  it('do not confuse a prefix with what objects inherit', () => {
    expect(qualifiedNames(headOf('constructor.x: 1'))[0]?.namespace).toBeUndefined();
  });

  it('predefine imdn for clients that do not declare it, unless the message says otherwise (§6)', () => {
    const { head } = unwrap(parseCpim(vector('rfc3862/valid/liblinphone-imdn.cpim')));
    expect(cpimHeader(head, imdnNamespace, 'Message-ID')?.value).toBe('hr3Kd81LsP0');
    expect(cpimHeader(head, imdnNamespace, 'Message-ID', {})).toBeUndefined();
    expect(cpimHeader(headOf(`NS: imdn <${acme}>`, 'imdn.x: 1'), imdnNamespace, 'x')).toBeUndefined();
  });
});

describe('Require (RFC 3862 §4.7)', () => {
  it('names headers and features by their namespace', () => {
    const head = headOf(
      `NS: MyFeatures <${acme}>`,
      'Require: MyFeatures.VitalMessageOption, Subject,Locale.MustRenderKanji',
    );
    expect(requiredFeatures(head)).toEqual([
      { namespace: acme, name: 'VitalMessageOption' },
      { namespace: coreNamespace, name: 'Subject' },
      { namespace: undefined, name: 'MustRenderKanji' },
    ]);
    expect(requiredFeatures(headOf('Subject: x'))).toEqual([]);
  });
});

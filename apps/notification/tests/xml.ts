import type { XmlAttribute, XmlElement } from '@parley/conference-info';

/** Well-formedness and namespaces of the XML that these tests write; not a parser for anything else. */
export function parseXml(text: string): XmlElement {
  const body = text.replace(/^<\?xml[^?]*\?>/, '').replace(/<!--[^]*?-->/g, '');
  const tokens = body.match(/<[^<>]*>|[^<>]+/g) ?? [];
  if (tokens.join('') !== body) throw new Error('a stray bracket');
  let at = 0;

  function open(token: string, scope: ReadonlyMap<string, string>): XmlElement {
    const tag = /^<([\w.:-]+)((?:\s+[\w.:-]+="[^"<]*")*)\s*(\/?)>$/.exec(token);
    if (tag === null) throw new Error(`no start-tag: ${token}`);
    const pairs = [...(tag[2] ?? '').matchAll(/([\w.:-]+)="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    );
    if (new Set(pairs.map(([name]) => name)).size !== pairs.length) throw new Error('an attribute twice');
    const inner = new Map(scope);
    for (const [name, value] of pairs) if (/^xmlns(:|$)/.test(name)) inner.set(name.slice(6), unescape(value));
    const attributes = pairs
      .filter(([name]) => !/^xmlns(:|$)/.test(name))
      .map(([name, value]) => attribute(name, value, inner));
    const { namespace, local } = resolve(tag[1] ?? '', inner);
    const children = tag[3] === '/' ? [] : content(`</${tag[1] ?? ''}>`, inner);
    return { namespace, name: local, attributes, children };
  }

  function content(end: string, scope: ReadonlyMap<string, string>): (XmlElement | string)[] {
    const children: (XmlElement | string)[] = [];
    for (;;) {
      const token = tokens[at++];
      if (token === undefined) throw new Error(`expected ${end}`);
      if (token.startsWith('</')) {
        if (token !== end) throw new Error(`expected ${end}, got ${token}`);
        return children;
      }
      children.push(token.startsWith('<') ? open(token, scope) : unescape(token));
    }
  }

  while (tokens[at]?.trim() === '') at++;
  const root = open(tokens[at++] ?? '', new Map());
  if (tokens.slice(at).join('').trim() !== '') throw new Error('something behind the root');
  return root;
}

function resolve(name: string, scope: ReadonlyMap<string, string>) {
  const [prefix = '', local] = name.split(':');
  const namespace = scope.get(local === undefined ? '' : prefix);
  if (namespace === undefined) throw new Error(`undeclared prefix of ${name}`);
  return { namespace, local: local ?? prefix };
}

function attribute(name: string, value: string, scope: ReadonlyMap<string, string>): XmlAttribute {
  if (!name.includes(':')) return { namespace: '', name, value: unescape(value) };
  const { namespace, local } = resolve(name, scope);
  return { namespace, name: local, value: unescape(value) };
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+))?;?/g, (whole, code: string | undefined, entity: string | undefined) => {
    const value = code === undefined ? entities[entity ?? ''] : String.fromCodePoint(Number(code));
    if (value === undefined || !whole.endsWith(';')) throw new Error(`no reference: ${whole}`);
    return value;
  });
}

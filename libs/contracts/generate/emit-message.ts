import type protobuf from 'protobufjs';

const numbers = new Set(
  ['double', 'float', 'int32', 'uint32', 'sint32', 'fixed32', 'sfixed32'].concat(
    ['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64'], // as numbers: exact below 2^53
  ),
);

/** What the emitter has to know of one field. */
interface FieldPlan {
  readonly name: string;
  readonly type: string;
  readonly comment: string;
  readonly repeated: boolean;
  /** Absence means something: `optional`, or a message. */
  readonly presence: boolean;
  /** Codec of a message-typed field; undefined for scalars. */
  readonly codec: string | undefined;
}

/** TypeScript name of a message as seen from `pkg`: bare at home, else through the import of its package. */
function reference(message: protobuf.Type, pkg: string): string {
  const home = packageOf(message);
  return home === pkg ? message.name : `${moduleName(home)}.${message.name}`;
}

/** Package that a message is declared in, without the leading dot: `parley.focus.v1`. */
export function packageOf(message: protobuf.Type): string {
  return (message.parent?.fullName ?? '').replace(/^\./, '');
}

/** Name under which a package is exported: `parley.msrpswitch.v1` is `msrpSwitch` after its file. */
export function moduleName(pkg: string): string {
  const name = pkg.split('.')[1] ?? pkg;
  return name === 'msrpswitch' ? 'msrpSwitch' : name;
}

function scalarType(field: protobuf.Field): string {
  if (numbers.has(field.type)) return 'number';
  if (field.type === 'bool') return 'boolean';
  if (field.type === 'string') return 'string';
  if (field.type === 'bytes') return 'Uint8Array';
  throw new Error(`${field.fullName}: type ${field.type} is not used in contracts yet`);
}

function planField(field: protobuf.Field, pkg: string): FieldPlan {
  if (field.map) throw new Error(`${field.fullName}: maps are not used in contracts yet`);
  const message = field.resolvedType && 'fieldsArray' in field.resolvedType ? field.resolvedType : undefined;
  const type = message ? reference(message, pkg) : scalarType(field);
  return {
    name: field.name,
    type: field.repeated ? `readonly ${type}[]` : type,
    comment: (field.comment ?? '').replace(/\s+/g, ' '),
    repeated: field.repeated,
    presence: !field.repeated && (message !== undefined || (field.partOf?.isProto3Optional ?? false)),
    codec: message ? type : undefined,
  };
}

function property(plan: FieldPlan): string {
  const comment = plan.comment ? `  /** ${plan.comment} */\n` : '';
  const optional = plan.presence ? [`?`, ` | undefined`] : ['', ''];
  return `${comment}  readonly ${plan.name}${optional[0]}: ${plan.type}${optional[1]};\n`;
}

function convert(plan: FieldPlan, direction: 'fromWire' | 'toWire', value: string): string {
  if (plan.type === 'Uint8Array' && direction === 'fromWire') return `${value}.length === 0 ? noBytes : ${value}`;
  if (!plan.codec) return plan.presence ? `${value} ?? undefined` : value;
  if (plan.repeated) return `${value}.map(${plan.codec}.${direction})`;
  return `${value} == null ? undefined : ${plan.codec}.${direction}(${value})`;
}

function converted(plan: FieldPlan, direction: 'fromWire' | 'toWire', value: string): string {
  return plan.codec && !plan.repeated ? `${plan.codec}.${direction}(${value})` : value;
}

/** Source of one `oneof`: its union type, the property, and how it is read and written. */
type UnionSource = Readonly<Record<'type' | 'property' | 'from' | 'to', string>>;

function unionSource(oneOf: protobuf.OneOf, message: string, pkg: string): UnionSource {
  const { name } = oneOf;
  const plans = oneOf.fieldsArray.map((field) => planField(field, pkg));
  const alias = `${message}${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const variants = plans.map((plan) => `\n  | { readonly kind: '${plan.name}'; readonly value: ${plan.type} }`);
  const from = plans.map(
    (plan) =>
      `w.${plan.name} != null ? { kind: '${plan.name}', value: ${converted(plan, 'fromWire', `w.${plan.name}`)} } : `,
  );
  const to = plans.map(
    (plan) => `      case '${plan.name}': w.${plan.name} = ${converted(plan, 'toWire', `m.${name}.value`)}; break;\n`,
  );
  return {
    type: `/** What \`${name}\` of a {@link ${message}} may hold. */\nexport type ${alias} =${variants.join('')};\n\n`,
    property: `  /** Undefined: none is set, or one that this version does not know. */\n  readonly ${name}: ${alias} | undefined;\n`,
    from: `    ${name}: ${from.join('')}undefined,\n`,
    to: `    switch (m.${name}?.kind) {\n${to.join('')}    }\n`,
  };
}

/** Function from the wire class to the message; its parameter is unused where there are no fields. */
function fromWireSource(plain: readonly FieldPlan[], unions: readonly UnionSource[]): string {
  if (plain.length + unions.length === 0) return '() => ({})';
  const fields = plain.map((plan) => `    ${plan.name}: ${convert(plan, 'fromWire', `w.${plan.name}`)},\n`);
  return `(w) => ({\n${fields.join('')}${unions.map((union) => union.from).join('')}  })`;
}

/** The inverse of {@link fromWireSource}; a message without messages inside is its own wire form. */
function toWireSource(plain: readonly FieldPlan[], unions: readonly UnionSource[]): string {
  if (unions.length === 0 && plain.every((plan) => plan.codec === undefined)) return '(m) => m';
  const fields = plain.map((plan) => `      ${plan.name}: ${convert(plan, 'toWire', `m.${plan.name}`)},\n`);
  const choices = unions.map((union) => union.to).join('');
  return `(m) => {\n    const w: Wire = {\n${fields.join('')}    };\n${choices}    return w;\n  }`;
}

/** TypeScript of one message: its interface, and the codec that turns it into the wire class of pbjs and back. */
export function emitMessage(message: protobuf.Type): string {
  const pkg = packageOf(message);
  const oneOfs = message.oneofsArray.filter((oneOf) => !oneOf.isProto3Optional);
  const inUnion = new Set(oneOfs.flatMap((oneOf) => oneOf.fieldsArray.map((field) => field.name)));
  const plain = message.fieldsArray.filter((field) => !inUnion.has(field.name)).map((field) => planField(field, pkg));
  const unions = oneOfs.map((oneOf) => unionSource(oneOf, message.name, pkg));
  const comment = (message.comment ?? `Travels as \`${message.fullName.slice(1)}\`.`).replace(/\s+/g, ' ');
  return `${unions.map((union) => union.type).join('')}/** ${comment} */
export interface ${message.name} {
${plain.map(property).join('')}${unions.map((union) => union.property).join('')}}

/** Bytes of a {@link ${message.name}} and back. */
export const ${message.name}: WireCodec<${message.name}> = wireCodec<${message.name}>({
  name: '${message.fullName.slice(1)}',
  wire: wire${message.fullName},
  fromWire: ${fromWireSource(plain, unions)},
  toWire: ${toWireSource(plain, unions)},
});
`;
}

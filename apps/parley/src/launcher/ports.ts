/** Every listener of an installation, by its name in ports.json, with the setting that chooses its port. */
export const portVariables = {
  sip: 'PARLEY_SIP_PORT',
  sips: 'PARLEY_SIPS_PORT',
  sipWs: 'PARLEY_SIP_WS_PORT',
  msrp: 'PARLEY_MSRP_PORT',
  msrps: 'PARLEY_MSRPS_PORT',
  msrpWs: 'PARLEY_MSRP_WS_PORT',
  http: 'PARLEY_HTTP_PORT',
  nats: 'PARLEY_NATS_PORT',
} as const;

/** Name of a listener, as in ports.json. */
export type PortName = keyof typeof portVariables;

/** Ports by listener; what is missing is not known yet. */
export type KnownPorts = Readonly<Partial<Record<PortName, number>>>;

/** The listeners in the order of ports.json. */
export const portNames: readonly PortName[] = ['sip', 'sips', 'sipWs', 'msrp', 'msrps', 'msrpWs', 'http', 'nats'];

/** Whether `name` is one of the listeners. */
export function isPortName(name: string): name is PortName {
  return Object.hasOwn(portVariables, name);
}

/** Settings that make a service take ports chosen before, so that a restart does not move its listeners. */
export function portSettings(ports: KnownPorts): Record<string, string> {
  return Object.fromEntries(
    portNames.flatMap((name) => (ports[name] === undefined ? [] : [[portVariables[name], String(ports[name])]])),
  );
}

/** The ports that settings fix: 0 leaves the choice to the system. */
export function chosenPorts(ports: KnownPorts): KnownPorts {
  return Object.fromEntries(Object.entries(ports).filter(([, port]) => port !== 0));
}

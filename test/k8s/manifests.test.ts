import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { forwardingOptions, parleySettings, parleyTable } from '@parley/service';
import { describe, expect, it } from 'vitest';

const k8s = fileURLToPath(new URL('../../k8s', import.meta.url));
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
const services = ['edge', 'focus', 'msrp-switch', 'nickname', 'notification', 'console'];

/** Every file below k8s that somebody reads or builds. */
const sources = readdirSync(k8s, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(ya?ml|conf)$|Dockerfile$/.test(name))
  .map((name) => readFileSync(join(k8s, name), 'utf8'));

function render(folder: string): readonly string[] {
  const output = execFileSync('kubectl', ['kustomize', join(k8s, folder)], { encoding: 'utf8' });
  return output.split(/^---$/m);
}

const ofKind = (documents: readonly string[], kind: string): readonly string[] =>
  documents.filter((document) => new RegExp(`^kind: ${kind}$`, 'm').test(document));

/** Settings of a rendered ConfigMap, and those that pods set by themselves. */
function settingsIn(documents: readonly string[]): Record<string, string> {
  const shared = documents.join('').matchAll(/^ {2}(PARLEY_\w+): "?([^"\n]*)"?$/gm);
  const own = documents.join('').matchAll(/- name: (PARLEY_\w+)\n +value: "?([^"\n]*)"?$/gm);
  return Object.fromEntries([...shared, ...own].map(([, name = '', value = '']) => [name, value]));
}

describe('the manifests', () => {
  it('name no setting that Parley does not know', () => {
    const named = sources.flatMap((text) => text.match(/\bPARLEY_\w+/g) ?? []);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !Object.hasOwn(parleyTable, name))).toEqual([]);
  });

  it('pin the version of every image that is not built here', () => {
    const images = sources.flatMap((text) => text.match(/image: .*/g) ?? []);
    expect(images.filter((image) => !/: parley$|:\d+\.\d+\.\d+/.test(image))).toEqual([]);
  });

  it('describe every service that the image can start', () => {
    const entrypoint = readFileSync(join(k8s, 'entrypoint.mjs'), 'utf8');
    expect(services.filter((name) => !entrypoint.includes(`'${name}'`))).toEqual([]);
  });

  it('tell NATS and the services the same about what the store may fill', () => {
    const gigabytes = sources.flatMap((text) => text.match(/(?<=^ *max_file_store: )\d+(?=GB$)/gm) ?? []);
    const octets = sources.flatMap((text) => text.match(/(?<=PARLEY_STORE_OCTETS=)\d+/g) ?? []);
    expect(gigabytes.length).toBe(2);
    expect(gigabytes.map((size) => String(Number(size) * 2 ** 30))).toEqual([...octets, ...octets]);
  });

  it('start an edge under the options of V8 that `npm start` gives it (docs/adr/0026)', () => {
    const edge = readFileSync(join(k8s, 'base/edge/deployment.yaml'), 'utf8');
    const [, command = ''] = /command:\n((?: +- .*\n)+)/.exec(edge) ?? [];
    expect(command.match(/--\S+/g)).toEqual(forwardingOptions);
  });
});

// Rendering needs kubectl; what is checked above holds without it.
if (hasKubectl) {
  describe.each(['base', 'overlays/dev', 'overlays/prod'])('%s', (folder) => {
    const documents = render(folder);
    const workloads = [...ofKind(documents, 'Deployment'), ...ofKind(documents, 'StatefulSet')];

    it('has a workload for each service and for NATS', () => {
      const names = workloads.map((text) => /^ {2}name: (.*)$/m.exec(text)?.[1]);
      expect(names.toSorted()).toEqual([...services, 'nats'].toSorted());
    });

    it('has settings that every service accepts', () => {
      const result = parleySettings({ ...settingsIn(documents), PARLEY_NATS_URL: 'nats://nats:4222' });
      expect(result).toMatchObject({ ok: true });
    });

    it('runs nothing as root, with a file system that can be written, or with variables of other services', () => {
      const wanted = [
        'runAsNonRoot: true',
        'readOnlyRootFilesystem: true',
        'allowPrivilegeEscalation: false',
        'enableServiceLinks: false',
        'automountServiceAccountToken: false',
      ];
      expect(workloads.filter((text) => wanted.some((line) => !text.includes(line)))).toEqual([]);
    });

    it('asks every pod for its health, and lets it drain before it goes', () => {
      const wanted = [
        'startupProbe:',
        'readinessProbe:',
        'livenessProbe:',
        'preStop:',
        'terminationGracePeriodSeconds:',
      ];
      expect(workloads.filter((text) => wanted.some((line) => !text.includes(line)))).toEqual([]);
    });

    it('keeps one of each through a disruption, and the network closed but for what is named', () => {
      expect(ofKind(documents, 'PodDisruptionBudget')).toHaveLength(workloads.length);
      expect(ofKind(documents, 'NetworkPolicy').join('')).toContain('closed-by-default');
    });
  });

  it('production runs three NATS servers that know each other', () => {
    const documents = render('overlays/prod');
    expect(ofKind(documents, 'StatefulSet').join('')).toContain('replicas: 3');
    expect(
      ofKind(documents, 'ConfigMap')
        .join('')
        .match(/nats:\/\/nats-\d\.nats-peers:6222/g),
    ).toHaveLength(3);
  });
}

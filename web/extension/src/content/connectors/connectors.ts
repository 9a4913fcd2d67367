import { archive } from './archive.ts';
import { bandcamp } from './bandcamp.ts';
import { isHostOf, type Connector } from './connector.ts';
import { freeMusicArchive } from './free-music-archive.ts';

const CONNECTORS: readonly Connector[] = [archive, bandcamp, freeMusicArchive];

export function connectorOf(host: string): Connector | null {
  const fits = ({ hosts }: Connector) => hosts.some((known) => isHostOf(host, known));
  return CONNECTORS.find(fits) ?? null;
}

import type { Role, Sums } from '@ossicle/wire/report';

/** What a node is told (aggregate-child.ts). */
export interface ChildConfig {
  readonly role: Role;
  /** Where it puts what it publishes. */
  readonly folder: string;
  /** As openStore() takes it. */
  readonly database: string;
  readonly port: number;
  /** Nodes of B: A asks any of them. */
  readonly urlsB: readonly string[];
  /** The other aggregator's key, as keys are published. */
  readonly peer: string;
  readonly hpke: { readonly publicKey: string; readonly privateKey: string };
  /** PKCS #8 and raw, in base64. */
  readonly signer: { readonly privateKey: string; readonly publicKey: string };
  readonly publishers: readonly string[];
  readonly entry: string;
  /** Its clock says this. */
  readonly now: string;
}

export const publishedPath = ({
  round,
  role,
  block,
}: Pick<Sums, 'round' | 'role' | 'block'>): string => `${round.slice(0, 16)}-${role}-${block}.json`;

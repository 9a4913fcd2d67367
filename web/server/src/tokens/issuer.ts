/** Gives out one-time tokens: signs what it cannot read, and counts for whom. RFC 9578, 6. */
import { createHash } from 'node:crypto';
import type { Bytes } from '@ossicle/wire/log';
import type { Round } from '@ossicle/wire/report';
import { readTokenRequest } from '@ossicle/wire/tokens';
import { problemIn, type Problem } from '../problems.ts';
import { AddressLimit } from './address-limit.ts';
import type { Invitations } from './invitations.ts';
import { blindSign, isBlinded, type IssuerKey } from './issuer-key.ts';

const PROBLEMS = {
  malformed: [422, 'This is no request for a token of this issuer. Read its key in the round.'],
  unknown_round: [404, 'No round of this address has tokens here. Read the newest one in the log.'],
  round_closed: [403, 'The round is over. Ask for a token of the next one.'],
  too_many_tokens: [429, 'This address has had its tokens of the round. Wait for the next one.'],
  invitation_missing: [401, 'Tokens of this round are for those who were invited. Send the code.'],
  invitation_unknown: [403, 'This is no code of the round. Look at it again.'],
  invitation_spent: [409, 'This code has had its token. Ask for another code.'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;

export type TokenRefusal = keyof typeof PROBLEMS;

export const tokenProblem = (code: TokenRefusal): Problem => problemIn(PROBLEMS, 'token', code);

export interface IssuerOptions {
  readonly key: IssuerKey;
  readonly findRound: (hex: string) => Promise<Round | null>;
  readonly invitations: Invitations;
  /** Tokens for one address in a round that asks for no invitation. */
  readonly mostPerAddress: number;
  readonly now: () => Date;
}

export interface Asked {
  /** Id of the round, in hex. */
  readonly round: string;
  /** A TokenRequest. */
  readonly body: Uint8Array;
  readonly address: string;
  /** Of an invitation. null: none came along. */
  readonly code: string | null;
}

export class Issuer implements Disposable {
  readonly #options: IssuerOptions;
  readonly #limit: AddressLimit;
  readonly #base64: string;

  constructor(options: IssuerOptions) {
    this.#options = options;
    this.#limit = new AddressLimit(options.mostPerAddress);
    this.#base64 = Buffer.from(options.key.spki).toString('base64');
  }

  /** null: it may have this one. */
  #refusal(asked: Asked, { issuer, closes }: Round, request: string): TokenRefusal | null {
    const { round, address, code } = asked;
    const { invitations, now } = this.#options;
    // As the round says: with its codes lost, nobody gets one.
    if (issuer?.invited) {
      if (code === null) return 'invitation_missing';
      const used = invitations.use(round, code, request);
      return used === 'used' ? null : `invitation_${used}`;
    }
    const isLeft = this.#limit.take(round, Date.parse(closes), address, request, now().getTime());
    return isLeft ? null : 'too_many_tokens';
  }

  [Symbol.dispose](): void {
    this.#options.invitations[Symbol.dispose]();
  }

  /** A TokenResponse. The same request again gets the same one, and counts once. */
  async answer(asked: Asked): Promise<Bytes | TokenRefusal> {
    const { key, findRound, now } = this.#options;
    const round = await findRound(asked.round);
    if (round?.issuer?.key !== this.#base64) return 'unknown_round';
    if (Date.parse(round.closes) <= now().getTime()) return 'round_closed';
    const request = readTokenRequest(asked.body);
    const isOurs = request?.truncatedKeyId === key.id.at(-1);
    if (!request || !isOurs || !isBlinded(key, request.blinded)) return 'malformed';
    const digest = createHash('sha256').update(asked.body).digest('base64');
    return this.#refusal(asked, round, digest) ?? blindSign(key.privateKey, request.blinded);
  }
}

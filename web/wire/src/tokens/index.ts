/** One-time tokens: what clients, their issuer and who takes them tell each other. */
export * from './auth.ts';
export * from './challenge.ts';
export * from './key.ts';
export * from './token.ts';

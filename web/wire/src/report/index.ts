/** What clients and aggregators tell each other: rounds, reports, and their sums. */
export * from './close.ts';
export * from './fetch-round.ts';
export * from './job.ts';
export * from './proof.ts';
export * from './report.ts';
export * from './round.ts';
export * from './shape.ts';
export * from './sums.ts';

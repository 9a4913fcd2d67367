/** Who may do what, as the log tells it: each change is an entry that the admin signed. */
import {
  entryText,
  readNote,
  readVerifier,
  sign,
  verified,
  verifierText,
  writeNote,
  type Signer,
  type Verifier,
} from '@ossicle/wire/log';
import type { Entries } from './log/entries.ts';
import { InputError } from './errors.ts';

export const ROLE_KIND = 'ossicle-role/v1';
export const ROLES = ['publisher', 'operator-a', 'operator-b', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface RoleChange {
  readonly change: 'granted' | 'revoked';
  readonly role: Role;
  /** A key as keys are published, or a name. */
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** The entry: a note that the admin signed. */
export async function roleEntry(change: RoleChange, admin: Signer): Promise<string> {
  const { change: what, role, key, at } = change;
  const text = entryText(ROLE_KIND, { change: what, role, key, at });
  return writeNote({ text, signatures: [await sign(text, admin, 0)] });
}

/** Keys by role, after every change that the admin signed. */
export async function rolesIn(
  entries: Entries,
  admin: Verifier,
): Promise<ReadonlyMap<Role, ReadonlySet<string>>> {
  const roles = new Map<Role, Set<string>>(ROLES.map((role) => [role, new Set<string>()]));
  for (const source of entries.ofKind(ROLE_KIND)) {
    const note = readNote(source);
    if (!note || !(await verified(note, admin))) continue;
    const { change, role, key } = JSON.parse(note.text.split('\n')[1] ?? '') as RoleChange;
    if (change === 'granted') roles.get(role)?.add(key);
    else roles.get(role)?.delete(key);
  }
  return roles;
}

const KEYED: readonly Role[] = ['publisher', 'admin'];

/** Errors: InputError: no such role; not a key; nothing would change. */
export async function checkChange(
  entries: Entries,
  admin: Verifier,
  change: 'granted' | 'revoked',
  name: string,
  key: string,
): Promise<Role> {
  const role = ROLES.find((one) => one === name);
  if (!role) {
    throw new InputError(
      `There is no role ${JSON.stringify(name)}. Name one: ${ROLES.join(', ')}.`,
    );
  }
  if (key === '' || /\s/u.test(key)) {
    throw new InputError('A key or a name without spaces has to follow the role.');
  }
  if (KEYED.includes(role)) {
    await readVerifier(key).catch((cause: unknown) => {
      const what = `${role} is a role of a key: name+hash+key, as \`status\` prints them.`;
      throw new InputError(what, { cause });
    });
  }
  if (change === 'revoked' && key === verifierText(admin)) {
    const what = 'The admin cannot revoke itself: nobody could change roles any more.';
    throw new InputError(`${what} Make a new log with a new admin instead.`);
  }
  const has = (await rolesIn(entries, admin)).get(role)?.has(key) ?? false;
  if (has === (change === 'granted')) {
    const what = has ? 'has this role already' : 'does not have this role';
    throw new InputError(`${key} ${what}: nothing to change.`);
  }
  return role;
}

import * as libc from "./libc-files.ts";

/** The rights of a process on files. */
export interface FileIdentity {
  readonly user: number;
  readonly group: number;
  readonly groups: readonly number[];
}

/** An id that nobody has: asking for it changes nothing and gives the one that is. */
const NOBODY = 0xffffffff;

/**
 * Gives the calling thread, and no other, the rights of somebody on files (setfsuid(2)); what it makes is theirs. Capabilities
 * about files are lost with it unless the user is root. For good: the thread must be one of its own.
 * Gives false, and leaves everything, when that takes more than the process may.
 */
export function actOnFilesAs({ user, group, groups }: FileIdentity): boolean {
  const was = { user: libc.setfsuid(NOBODY), group: libc.setfsgid(NOBODY) };
  libc.setfsgid(group);
  libc.setfsuid(user);
  const took = libc.setfsuid(NOBODY) === user && libc.setfsgid(NOBODY) === group;
  // Whoever may take no groups is content with its own when it is that user anyway.
  const isSame = was.user === user && was.group === group;
  if (took && (libc.setgroups(Uint32Array.from(groups)) === 0 || isSame)) return true;
  libc.setfsuid(was.user);
  libc.setfsgid(was.group);
  return false;
}

const CLONE_FS = 0x200;

/**
 * From here on the modes of what the calling thread makes are taken as they are asked for (umask(2)).
 * Gives false where that is not allowed.
 */
export function makeFilesWithExactModes(): boolean {
  if (libc.unshare(CLONE_FS) !== 0) return false;
  libc.umask(0);
  return true;
}

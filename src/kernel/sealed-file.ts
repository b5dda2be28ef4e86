import { fchmodSync, writeSync } from "node:fs";
import koffi from "./koffi.ts";
import { check } from "./kernel-error.ts";
import { close } from "./libc.ts";

const libc = koffi.load(null);
// The casts cannot be wrong: they say what the prototypes say.
const memfdCreate = libc.func("int memfd_create(const char *name, unsigned int flags)") as (
  name: string,
  flags: number,
) => number;
const fcntl = libc.func("int fcntl(int fd, int command, int argument)") as (
  fd: number,
  command: number,
  argument: number,
) => number;

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
/** No more seals, no other length, no other content (fcntl(2)). */
const SEALS = 1 | 2 | 4 | 8;

/** A file in memory with this content, which nobody can change (memfd_create(2)); the caller closes it. @throws KernelError */
export function sealedFile(name: string, content: Uint8Array): number {
  const descriptor = check("memfd_create", memfdCreate(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  try {
    for (let at = 0; at < content.length; ) at += writeSync(descriptor, content, at);
    fchmodSync(descriptor, 0o444);
    check("fcntl", fcntl(descriptor, F_ADD_SEALS, SEALS));
    return descriptor;
  } catch (error) {
    close(descriptor);
    throw error;
  }
}

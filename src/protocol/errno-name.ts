import { ProtocolError } from "./errors.ts";

/** The kernel's names, and room for those to come: `E`, then capitals and digits (errno(3)). */
const ERRNO = /^E[A-Z0-9]{1,31}$/;

/** Checks that a text is the name of an errno. @throws ProtocolError `bad-message` */
export function errnoName(text: string): string {
  if (!ERRNO.test(text)) throw new ProtocolError("bad-message", "an errno must be its name");
  return text;
}

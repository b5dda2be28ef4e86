import type { FileAsk } from "./file-question.ts";

/** What is asked, as a byte. Those from 128 on are about a handle, which follows at once. */
const codes = {
  "look-up": 1,
  walk: 2,
  "read-link": 3,
  open: 4,
  "open-directory": 5,
  "make-directory": 6,
  "remove-directory": 7,
  unlink: 8,
  rename: 9,
  link: 10,
  "make-link": 11,
  change: 12,
  space: 13,
  access: 14,
  cancel: 15,
  read: 128,
  write: 129,
  close: 130,
  flush: 131,
  sync: 132,
  "read-directory": 133,
  status: 134,
  "change-open": 135,
  seek: 136,
  allocate: 137,
} as const satisfies Record<FileAsk, number>;

// Each key of `codes` is a FileAsk, as `satisfies` has checked.
const asks = new Map(Object.entries(codes).map(([ask, code]) => [code as number, ask as FileAsk]));

export function codeOfAsk(ask: FileAsk): number {
  return codes[ask];
}

/** Undefined for a code that means nothing. */
export function askOfCode(code: number): FileAsk | undefined {
  return asks.get(code);
}

/** Whether such a question is about something that is open. */
export function isAboutHandle(code: number): boolean {
  return code >= 128;
}

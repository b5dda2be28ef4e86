import { creates, mayWrite, openFlags } from "./open-flags.ts";
import type { Asked } from "./path-request.ts";

/** Whether something in the pod may be changed by what is asked. */
export function mayChange(asked: Asked): boolean {
  switch (asked.what) {
    case "open":
      return mayWrite(asked.flags) || creates(asked.flags);
    case "refuse":
      return asked.changes;
    case "status":
    case "extended-status":
    case "file-system":
    case "access":
    case "read-link":
    case "enter":
    case "execute":
      return false;
    default:
      return true;
  }
}

/** access(2) */
const W_OK = 2;

/** Whether it is asked if something may be changed. */
export function asksForChange(asked: Asked): boolean {
  return asked.what === "access" && (asked.mode & W_OK) !== 0;
}

const { create, exclusive, noFollow } = openFlags;

/** Whether a link that stands at the very end of the path is followed. */
export function followsLast(asked: Asked): boolean {
  switch (asked.what) {
    case "open":
      return (asked.flags & noFollow) === 0 && (asked.flags & (create | exclusive)) !== (create | exclusive);
    case "status":
    case "extended-status":
    case "access":
    case "change-mode":
    case "change-owner":
    case "change-times":
      return asked.follow;
    case "read-link":
    case "make-folder":
    case "make-link":
    case "remove":
      return false;
    default:
      return true;
  }
}

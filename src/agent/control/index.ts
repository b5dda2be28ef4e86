export type { Asker } from "./asker.ts";
export { type AskableSession, Control, type ControlContext } from "./control.ts";

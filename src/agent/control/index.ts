export type { Asker } from "./asker.ts";
export type { AskableSession, ControlContext } from "./control-context.ts";
export { Control } from "./control.ts";
export { NotHeld } from "./not-held.ts";

export type {
  Caller,
  FastHandler,
  HeldCall,
  Later,
  MakeFastHandlers,
  SlowCaller,
  SlowHandler,
  SlowVerdict,
  Verdict,
} from "./held-call.ts";
export type { ArgumentCondition, HeldSyscall } from "./held-syscall.ts";
export { HoldingThreads } from "./holding-threads.ts";
export { canSupervise, openSupervisor } from "./open-supervisor.ts";
export { endLikeProgram } from "./program-child.ts";
export type { AnsweredCall, CallModule, Supervisor, SupervisorOptions } from "./supervisor.ts";
export { type SyscallName, syscallNumber, syscallTable } from "./syscall-table.ts";

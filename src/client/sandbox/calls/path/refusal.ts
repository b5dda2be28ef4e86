import { constants } from "node:os";
import { KernelError } from "../../../../kernel/index.ts";

/** What the kernel would say, said by us. */
export function refusal(errno: keyof typeof constants.errno): KernelError {
  return new KernelError("path", constants.errno[errno]);
}

import { errnoName, KernelError } from "../../kernel/files/index.ts";
import { FileRefusal } from "./file-refusal.ts";

/** The kernel's word for what went wrong; undefined for a fault of ours. */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof KernelError || error instanceof FileRefusal) return error.code;
  // Node's own calls about files. It has no name of its own for some, such as ESTALE; the number is the kernel's, negative.
  if (error instanceof Error && "syscall" in error && "errno" in error && typeof error.errno === "number")
    return errnoName(-error.errno);
  return undefined;
}

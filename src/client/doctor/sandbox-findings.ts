import { accessSync, constants } from "node:fs";
import type { Finding } from "../../kubernetes/index.ts";
import { ClientError } from "../errors.ts";
import { chooseSandbox } from "../sandbox/choose-sandbox.ts";

/** In what a program under `exec` would run on this machine: tried, and taken away again. */
export async function sandboxFindings(): Promise<Finding[]> {
  if (process.platform !== "linux")
    return [
      {
        id: "sandbox",
        level: "warning",
        what: "exec takes Linux; steal and mirror work here",
        fix: "run magpie exec in a Linux container or virtual machine",
      },
    ];
  return [await sandboxFinding(), filesFinding()];
}

async function sandboxFinding(): Promise<Finding> {
  try {
    const { kind, because, keeper } = await chooseSandbox("auto");
    await keeper?.keeper[Symbol.asyncDispose]();
    if (kind === "namespace")
      return {
        id: "sandbox",
        level: "ok",
        what: "programs of exec run in namespaces of their own (--sandbox namespace)",
      };
    return {
      id: "sandbox",
      level: "note",
      what: "programs of exec run with their system calls held, without namespaces of their own (--sandbox seccomp)",
      why: because,
    };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const { message, hint } = error;
    return { id: "sandbox", level: "warning", what: message, ...(hint === undefined ? {} : { fix: hint }) };
  }
}

function filesFinding(): Finding {
  try {
    accessSync("/dev/fuse", constants.R_OK | constants.W_OK);
    return { id: "files", level: "ok", what: "programs of exec can see the target's files (/dev/fuse)" };
  } catch {
    return {
      id: "files",
      level: "warning",
      what: "programs of exec cannot see the target's files: /dev/fuse cannot be used",
      fix: "in a container, start it with --device /dev/fuse; else modprobe fuse. With --fs local files are this machine's",
    };
  }
}

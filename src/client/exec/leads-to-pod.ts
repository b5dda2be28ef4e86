import { existsSync } from "node:fs";
import { ClientError } from "../errors.ts";
import type { FileRuleList } from "../files/file-rule.ts";

/** Whether any path may lead to the pod's files. What is made of them is not read through a mount. */
export function leadsToPod({ rules, otherwise }: FileRuleList): boolean {
  const isPods = (mode: string): boolean => mode === "read" || mode === "read-write";
  return isPods(otherwise) || rules.some(({ mode, origin }) => origin !== "made" && isPods(mode));
}

/** @throws ClientError `sandbox-unavailable` where the pod's files are wanted and this machine cannot show them */
export function refuseWithoutFuse(list: FileRuleList, devicePath = "/dev/fuse"): void {
  if (!leadsToPod(list) || existsSync(devicePath)) return;
  throw new ClientError(
    "sandbox-unavailable",
    `the pod's files cannot be shown: there is no ${devicePath} here`,
    {
      hint: "In a container, start it with --device /dev/fuse; else `modprobe fuse`. With --fs local the files are this machine's.",
    },
  );
}

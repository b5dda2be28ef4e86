import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { closeDescriptor, descriptorOf, type FuseMount, mountFuse } from "../../../kernel/index.ts";
import { ClientError } from "../../errors.ts";
import { errorText, type HeldMount } from "./held-mount.ts";

/** How a mount came to be. In a user namespace the kernel knows of no other users. */
export interface MadeMount extends FuseMount {
  readonly by: "privilege" | "user-namespace";
}

/**
 * Makes a FUSE mount that nobody sees, by privilege, or else in a user namespace. The caller closes both descriptors.
 * @throws ClientError `not-permitted` with the reason of each way; the signal's reason
 */
export async function makeMount(options: { devicePath: string; signal?: AbortSignal }): Promise<MadeMount> {
  const { devicePath, signal } = options;
  signal?.throwIfAborted();
  const reasons: string[] = [];
  if (process.geteuid?.() === 0) {
    try {
      return { by: "privilege", ...mountFuse({ devicePath, user: 0, group: 0, allowsOthers: true }) };
    } catch (error) {
      reasons.push(`as root: ${errorText(error)}`);
    }
  }
  try {
    return { by: "user-namespace", ...(await mountInUserNamespace({ devicePath, signal })) };
  } catch (error) {
    signal?.throwIfAborted();
    reasons.push(`in a user namespace: ${errorText(error)}`);
  }
  throw new ClientError("not-permitted", `the pod's files cannot be mounted (${reasons.join("; ")})`, {
    hint: `It takes ${devicePath}, which this user must be able to open, and user namespaces (unshare(1)), or root.`,
  });
}

async function mountInUserNamespace(options: {
  devicePath: string;
  signal: AbortSignal | undefined;
}): Promise<FuseMount> {
  const program = fileURLToPath(new URL("mount-holder.ts", import.meta.url));
  const command = [
    "--user",
    "--map-root-user",
    "--mount",
    "--",
    process.execPath,
    program,
    options.devicePath,
  ];
  const { signal } = options;
  const holder = spawn("unshare", command, {
    stdio: ["pipe", "pipe", "pipe"],
    ...(signal ? { signal } : {}),
  });
  const ended = once(holder, "exit");
  ended.catch(() => {}); // Told below, where it is waited for.
  try {
    await once(holder, "spawn");
    const { pid } = holder;
    const complaints: string[] = [];
    createInterface({ input: holder.stderr }).on("line", (line) => complaints.push(line));
    for await (const line of createInterface({ input: holder.stdout })) {
      // Our own program writes it.
      const said = JSON.parse(line) as HeldMount;
      if ("error" in said) throw new Error(said.error);
      if (pid !== undefined) return takeOver(pid, said);
    }
    throw new Error(complaints[0] ?? "unshare(1) ended without a word");
  } finally {
    holder.stdin.end();
    holder.stdin.on("error", () => {}); // It may be gone already.
    holder.stdout.destroy();
  }
}

function takeOver(pid: number, held: { device: number; root: number }): FuseMount {
  const device = descriptorOf(pid, held.device);
  try {
    return { device, root: descriptorOf(pid, held.root) };
  } catch (error) {
    closeDescriptor(device);
    throw error;
  }
}

import { closeSync, constants, openSync } from "node:fs";
import { check } from "../kernel-error.ts";
import { close } from "../libc.ts";
import * as libc from "./libc-mount.ts";

const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSCONFIG_SET_FLAG = 0;
const FSCONFIG_SET_STRING = 1;
const FSCONFIG_CMD_CREATE = 6;
const MOUNT_ATTR_NOSUID = 2;
const MOUNT_ATTR_NODEV = 4;

/** A FUSE file system that is mounted nowhere: it is gone when its last descriptor is closed. */
export interface FuseMount {
  /** Where its requests come from and its answers go to; nothing is read of it without waiting. */
  readonly device: number;
  /** Its root, O_PATH. */
  readonly root: number;
}

export interface FuseMountOptions {
  /** Usually /dev/fuse. */
  readonly devicePath: string;
  /** Who may use it, beside everybody when `allowsOthers`; as the mounting process's user namespace counts. */
  readonly user: number;
  readonly group: number;
  readonly allowsOthers: boolean;
}

/**
 * Makes a FUSE file system (fsopen(2), fsmount(2)): no program's suid bits and no devices count in it. Whoever uses it waits
 * until its requests are answered. The caller closes both descriptors.
 * @throws KernelError `EPERM` without CAP_SYS_ADMIN over the mount namespace, `ENODEV` without FUSE in the kernel, `ENOSYS`
 * before Linux 5.2; Node's error when the device cannot be opened
 */
export function mountFuse({ devicePath, user, group, allowsOthers }: FuseMountOptions): FuseMount {
  const device = openSync(devicePath, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    const context = check("fsopen", libc.fsopen("fuse", FSOPEN_CLOEXEC));
    try {
      const settings = { source: "magpie", fd: device, rootmode: "40000", user_id: user, group_id: group };
      for (const [key, value] of Object.entries(settings))
        check("fsconfig", libc.fsconfig(context, FSCONFIG_SET_STRING, key, String(value)));
      if (allowsOthers) check("fsconfig", libc.fsconfig(context, FSCONFIG_SET_FLAG, "allow_other", null));
      check("fsconfig", libc.fsconfig(context, FSCONFIG_CMD_CREATE, null, null));
      const attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
      const root = check("fsmount", libc.fsmount(context, FSMOUNT_CLOEXEC, attributes));
      return { device, root };
    } finally {
      close(context);
    }
  } catch (error) {
    closeSync(device);
    throw error;
  }
}

/**
 * A copy of another process's descriptor (pidfd_getfd(2)), close-on-exec. The caller closes it.
 * @throws KernelError `EPERM` for a process that we may not trace, `ESRCH` when it is gone
 */
export function descriptorOf(pid: number, descriptor: number): number {
  const process = check("pidfd_open", libc.pidfdOpen(pid));
  try {
    return check("pidfd_getfd", libc.pidfdGetfd(process, descriptor));
  } finally {
    close(process);
  }
}

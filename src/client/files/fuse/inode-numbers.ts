import type { DeviceNumber } from "../../../protocol/index.ts";

/** So many file systems have numbers of their own; what more there are share them. */
const MAX_DEVICES = 4096;
const DEVICE_SHIFT = 52n;

/**
 * One space of inode numbers for all file systems of the pod, since the mount is one device: two files must not look like
 * one. Those of the first file system that is seen, the root's, stay as they are.
 */
export class InodeNumbers {
  readonly #devices = new Map<string, bigint>();

  shown({ major, minor }: DeviceNumber, inode: bigint): bigint {
    const key = `${major}:${minor}`;
    let mask = this.#devices.get(key);
    if (mask === undefined) {
      // Numbers of this size are rare, and then the upper bits are seldom the same.
      mask = BigInt(this.#devices.size % MAX_DEVICES) << DEVICE_SHIFT;
      if (this.#devices.size < MAX_DEVICES) this.#devices.set(key, mask);
    }
    return inode ^ mask;
  }
}

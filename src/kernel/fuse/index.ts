export {
  descriptorOf,
  type FuseMount,
  type FuseMountOptions,
  mountFuse,
  waitToRead,
  WakeUp,
} from "./fuse-mount.ts";

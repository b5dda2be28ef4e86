export {
  descriptorOf,
  type FuseMount,
  type FuseMountOptions,
  mountFuse,
} from "./fuse-mount.ts";

import { mountFuse } from "../../../kernel/fuse/index.ts";
import { errorText, type HeldMount } from "./held-mount.ts";

/**
 * A program that is started in a user and a mount namespace of its own, where an ordinary user may mount (user_namespaces(7)).
 * It says on its output what it has made, and ends when its input does: by then its descriptors have been taken over.
 */
const [devicePath = "/dev/fuse"] = process.argv.slice(2);
let said: HeldMount;
try {
  // Users count from 0 here, and that is whoever started us.
  const { device, root } = mountFuse({ devicePath, user: 0, group: 0, allowsOthers: false });
  said = { device, root };
} catch (error) {
  said = { error: errorText(error) };
}
process.stdout.write(`${JSON.stringify(said)}\n`);
process.stdin.resume();
process.stdin.on("end", () => process.exit());

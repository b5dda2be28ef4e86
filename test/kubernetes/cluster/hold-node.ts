/** Holds a node on which a program runs until its standard input ends: for a test that ends it, or kills it. */
import { once } from "node:events";
import { Node } from "./node.ts";

await using node = await Node.create("/nowhere");
const { code } = await node.try([
  "sh",
  "-c",
  "setsid sleep 1000 >/dev/null 2>&1 & mount -t tmpfs tmpfs /mnt",
]);
process.stdout.write(`${JSON.stringify({ ...node.place, code })}\n`);
await once(process.stdin.resume(), "end");

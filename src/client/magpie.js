#!/usr/bin/env node
// Plain JavaScript that every Node since 18 reads: it only finds a Node that runs the rest, which is TypeScript.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 24 || (major === 24 && minor >= 12)) await import("./cli/main.ts");
else runWithPinnedNode();

/** Node strips types without a warning from 24.12 on; older ones hand over to the Node that the package pins. */
function runWithPinnedNode() {
  const pinned = ["../../node_modules/node/bin/node", "../../../node/bin/node"]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (pinned === undefined || process.env.MAGPIE_REEXEC === "1") {
    console.error(`magpie needs Node 24.12 or newer; this is ${process.version}.`);
    console.error("Run `npm install` in its checkout, which brings a fitting Node, or install a newer Node.");
    process.exit(1);
  }
  const child = spawn(pinned, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    // The channel tells the child when we are killed, which no signal does.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, MAGPIE_REEXEC: "1" },
  });
  // The terminal sends Ctrl-C to both of us: the child decides what it means. What only we get is passed on.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
}

#!/usr/bin/env node
// Plain JavaScript that every Node since 18 reads: it only finds a Node that runs the rest, which is TypeScript.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import module from "node:module";
import v8 from "node:v8";
import { constants, userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import { bundleOf, resolveOwnFiles } from "../own-files.js";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 24 || (major === 24 && minor >= 12)) {
  // So much is made at a start that the nursery would be swept ten times, and all of it once: one that grows by more than the
  // double is swept three times. Its first size is settled by now.
  v8.setFlagsFromString("--semi-space-growth-factor=16");
  keepCompiled();
  const bundle = bundleOf("client");
  if (bundle === undefined) resolveOwnFiles();
  await import(bundle ?? "./cli/main.ts");
} else runWithPinnedNode();

/**
 * Has Node keep what it makes of our sources, which halves the time of a start and more. In a folder that nobody else can
 * write to, since what lies there is run: of the user's own entry in the list of users, whatever HOME says under sudo.
 */
function keepCompiled() {
  try {
    const folder = `${userInfo().homedir}/.cache/magpie`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(folder);
    if (uid === process.geteuid() && (mode & 0o022) === 0) module.enableCompileCache(folder);
  } catch {
    // No home, or none that can be written to: it starts as it did, only slower.
  }
}

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
  // The terminal sends Ctrl-C to both of us, and what only we get is the child's as well: so soon after another it is the same.
  process.on("SIGINT", () => child.kill("SIGINT"));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    // Whoever waits for us shall see what it died of.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    process.exit(128 + constants.signals[signal]);
  });
}

#!/usr/bin/env node
// The launcher of the agent, in plain JavaScript so that an old Node can say what it lacks instead of a syntax error.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major > 24 || (major === 24 && minor >= 12)) {
  await import("./main.ts");
} else {
  console.error(
    `magpie-agent needs Node 24.12 or later to run from its sources; this is ${process.version}.`,
  );
  process.exitCode = 2;
}

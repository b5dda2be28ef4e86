#!/usr/bin/env -S node --max-semi-space-size=4
// A nursery of 4 MB halves what an idle connection costs and costs no time: little of what the agent makes lives long.
// The launcher of the agent, in plain JavaScript so that an old Node can say what it lacks instead of a syntax error.
import { bundleOf, resolveOwnFiles } from "../own-files.js";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major > 24 || (major === 24 && minor >= 12)) {
  const bundle = bundleOf("agent");
  if (bundle === undefined) resolveOwnFiles();
  await import(bundle ?? "./main.ts");
} else {
  console.error(
    `magpie-agent needs Node 24.12 or later to run from its sources; this is ${process.version}.`,
  );
  process.exitCode = 2;
}

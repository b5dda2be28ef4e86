import { Option } from "commander";

/** Whose requests. */
export function targetOption(): Option {
  return new Option("-t, --target <target>", "netns:<name>, netns:/path or pid:<number>").env(
    "MAGPIE_TARGET",
  );
}

/** For whom the output is. */
export function outputOption(): Option {
  return new Option("--output <form>", "for people, or JSON lines for programs")
    .choices(["text", "json"])
    .default("text");
}

import { FilesError } from "./files-error.ts";

/**
 * An absolute path of the pod as questions bear it: its names with one slash between them.
 * @throws FilesError `EINVAL` for what is not absolute or has `..` in it, which only whoever follows links can resolve
 */
export function remotePath(absolute: string | Uint8Array): Buffer {
  const text = typeof absolute === "string" ? absolute : Buffer.from(absolute).toString("latin1");
  const names = text.split("/").filter((name) => name !== "" && name !== ".");
  if (!text.startsWith("/") || names.includes("..") || text.includes("\0"))
    throw new FilesError("EINVAL", "a path in the pod must be absolute and without `..`");
  return Buffer.from(names.join("/"), typeof absolute === "string" ? "utf8" : "latin1");
}

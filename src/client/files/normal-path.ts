/**
 * An absolute path without `.`, `..`, doubled slashes and a slash at its end; by its text alone, whatever links it leads
 * through: so rules decide about what the program has named. Above `/` is `/`.
 */
export function normalPath(path: string): string {
  if (!/\/(?:\/|\.|$)/.test(path)) return path;
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}

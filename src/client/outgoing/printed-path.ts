/** A socket's path as people write it: an abstract name begins with `@` (unix(7), ss(8)). */
export function printedPath(path: string): string {
  return path.startsWith("\0") ? `@${path.slice(1)}` : path;
}

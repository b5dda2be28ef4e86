import { readFileSync, writeFileSync } from "node:fs";

const page = new URL("../RESULTS.md", import.meta.url);

/**
 * Puts a benchmark's section into `bench/RESULTS.md`, in the place of its last one; a new one goes to the end.
 * `title` is the section's heading, which no other line may begin with.
 */
export function writeResults({
  title,
  command,
  body,
}: {
  title: string;
  command: string;
  body: string;
}): void {
  const section = `# ${title}\n\nWritten by \`${command}\`; \`bench/README.md\` tells how to read it.\n\n${body.trim()}\n`;
  writeFileSync(page, withSection(readFileSync(page, "utf8"), title, section));
}

/** The page with a section replaced or added. Sections begin with a heading of the first rank. */
function withSection(text: string, title: string, section: string): string {
  const sections = text.split(/^(?=# )/m).filter((part) => part.trim() !== "");
  const at = sections.findIndex((part) => part.startsWith(`# ${title}\n`));
  if (at === -1) sections.push(section);
  else sections[at] = section;
  return sections.map((part) => `${part.trimEnd()}\n`).join("\n");
}

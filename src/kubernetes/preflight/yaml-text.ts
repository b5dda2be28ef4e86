/** A value of JSON as YAML in blocks, as people write it for kubectl; ends with a line's end. */
export function yamlText(value: unknown): string {
  return `${lines(value).join("\n")}\n`;
}

function lines(value: unknown): string[] {
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== "object" || item === null))
      return [`[${value.map(scalar).join(", ")}]`];
    return value.flatMap((item) => lines(item).map((line, index) => `${index === 0 ? "- " : "  "}${line}`));
  }
  if (typeof value !== "object" || value === null) return [scalar(value)];
  if (Object.keys(value).length === 0) return ["{}"];
  return Object.entries(value).flatMap(([name, item]: [string, unknown]) => {
    const inner = lines(item);
    const isBlock = typeof item === "object" && item !== null && !/^[[{]/.test(inner[0] ?? "");
    if (!isBlock) return [`${key(name)}: ${inner[0] ?? ""}`];
    const indent = Array.isArray(item) ? "" : "  ";
    return [`${key(name)}:`, ...inner.map((line) => indent + line)];
  });
}

/** Words that YAML 1.1 takes for something else than text are quoted, and so is all that is not plain. */
function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const isPlain =
    /^[A-Za-z_][\w./@-]*$/.test(value) && !/^(?:true|false|yes|no|on|off|null|y|n)$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
}

function key(name: string): string {
  return /^[A-Za-z_][\w./-]*$/.test(name) ? name : JSON.stringify(name);
}

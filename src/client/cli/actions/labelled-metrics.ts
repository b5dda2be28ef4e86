/**
 * Puts texts of Prometheus' format together: each sample gets a label that says whose it is, and each family its HELP and TYPE once,
 * all its samples behind them, as the format wants it.
 */
export function labelledMetrics(
  label: string,
  texts: readonly { readonly value: string; readonly text: string }[],
): string {
  const families = new Map<string, { head: string[]; samples: string[] }>();
  for (const { value, text } of texts) {
    let family: { head: string[]; samples: string[] } | undefined;
    let isKnown = false;
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const [, about, name = ""] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? [];
      if (about !== undefined) {
        if (about === "HELP" || !families.has(name)) {
          isKnown = families.has(name);
          family = families.get(name) ?? { head: [], samples: [] };
          families.set(name, family);
        } else family = families.get(name);
        if (!isKnown) family?.head.push(line);
      } else family?.samples.push(labelled(line, label, value));
    }
  }
  return [...families.values()].flatMap(({ head, samples }) => [...head, ...samples]).join("\n");
}

/** A sample is `name{label="value",…} number` or `name number`. */
function labelled(line: string, label: string, value: string): string {
  const own = `${label}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
  const [, name = "", rest = ""] = /^([^\s{]+)(.*)$/.exec(line) ?? [];
  return rest.startsWith("{") ? `${name}{${own},${rest.slice(1)}` : `${name}{${own}}${rest}`;
}

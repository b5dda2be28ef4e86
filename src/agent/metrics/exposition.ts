import type { Family, Labels } from "./family.ts";
import type { Histogram } from "./histogram.ts";

/**
 * Families in Prometheus' text format 0.0.4: HELP and TYPE before the samples of each, a line feed behind the last line.
 * A family without samples is left out.
 */
export function expositionOf(families: readonly Family[]): string {
  const lines = families.filter(({ samples }) => samples.length > 0).flatMap(familyLines);
  return lines.map((line) => `${line}\n`).join("");
}

function familyLines(family: Family): string[] {
  const { name, help, type } = family;
  const head = [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`];
  if (family.type === "histogram")
    return [
      ...head,
      ...family.samples.flatMap((sample) => histogramLines(name, { ...sample, scale: family.scale })),
    ];
  return [
    ...head,
    ...family.samples.map(({ labels, value }) => `${name}${labelText(labels)} ${numberText(value)}`),
  ];
}

/** Buckets count what is at or below their bound, those below included; the last one has no bound. */
function histogramLines(
  name: string,
  { labels, histogram, scale }: { labels?: Labels; histogram: Histogram; scale: number },
): string[] {
  let count = 0;
  const lines = [...histogram.counts].map((inBucket, index) => {
    count += inBucket;
    const bound = histogram.bounds[index];
    const le = bound === undefined ? "+Inf" : numberText(bound * scale);
    return `${name}_bucket${labelText({ ...labels, le })} ${count}`;
  });
  const text = labelText(labels);
  return [
    ...lines,
    `${name}_sum${text} ${numberText(histogram.sum * scale)}`,
    `${name}_count${text} ${count}`,
  ];
}

function labelText(labels: Labels = {}): string {
  const parts = Object.entries(labels).map(
    ([name, value]) => `${name}="${escaped(value).replaceAll('"', '\\"')}"`,
  );
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** Twelve digits are more than is measured, and hide what binary fractions add. */
function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(Number(value.toPrecision(12)));
}

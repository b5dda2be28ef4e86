import type { Found } from "./difference-list.ts";
import { unpinned } from "./excerpt.ts";
import type { PointerStep, RuleSubject } from "./ignore-rule.ts";
import { limits } from "./limits.ts";
import { lineTemplate } from "./line-template.ts";
import { generalPlace, type PathStep } from "./place.ts";

/**
 * What a difference between two answers of one app says about all its answers: a subject for a rule, and its name.
 * Undefined for what cannot be noise: a status, and places whose names are too long to be kept.
 */
export function noiseOf(found: Found): { subject: RuleSubject; text: string } | undefined {
  const { place } = found;
  const text = unpinned(generalPlace(place));
  if (text.length > limits.placeCharacters) return undefined;
  if (place.at === "header" || place.at === "trailer")
    return { subject: { of: place.at, name: place.name.toLowerCase() }, text };
  if (place.at === "body") return { subject: { of: "body" }, text };
  if (place.at === "json") return ofJson(found, place.path, text);
  if (place.at === "line") return ofLine(found, place.line);
  if (place.at === "status") return undefined;
  if (place.fields.length > 0)
    return { subject: { of: "grpc", message: undefined, fields: place.fields }, text };
  // A stream that is one message longer must not hide all of its messages.
  return {
    subject: { of: "grpc", message: place.message, fields: [] },
    text: `grpc:message ${place.message}`,
  };
}

/** Array indexes mean nothing. A list that grew says that elements come and go, and not that each of them may change. */
function ofJson(found: Found, path: readonly PathStep[], text: string) {
  const steps = path.map((step): PointerStep => (typeof step === "number" ? "one" : { key: unpinned(step) }));
  const isMember = typeof path.at(-1) === "number" && found.kind.startsWith("only-in");
  if (!isMember) return { subject: { of: "json", steps } as const, text };
  return { subject: { of: "json", steps, membersOnly: true } as const, text: `${text} (comes and goes)` };
}

/** Two lines that differ in numbers and ids only are known by the rest of them; others by where they stand. */
function ofLine(found: Found, line: number): { subject: RuleSubject; text: string } {
  const templates = new Set((found.lines ?? []).map(lineTemplate));
  const [template] = templates;
  if (template === undefined || templates.size > 1 || template.length > limits.patternCharacters)
    return { subject: { of: "line", line }, text: `body:line ${line}` };
  const shown = template.length > 60 ? `${template.slice(0, 60)}…` : template;
  return {
    subject: { of: "line-template", template: unpinned(template) },
    text: `body:line like ${JSON.stringify(shown)}`,
  };
}

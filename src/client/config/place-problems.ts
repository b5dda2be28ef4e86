import { printable } from "../text/paint.ts";
import type { ConfigProblem } from "./config-problem.ts";
import {
  type ConfigNode,
  type Fault,
  limits,
  memberAt,
  nearestNode,
  type SourceText,
} from "./document/index.ts";
import type { ValueFault } from "./schema/index.ts";
import { placeIn } from "./templates/index.ts";

/** Where a fault of a value stands. */
export function faultOf(
  fault: ValueFault,
  { root, source }: { root: ConfigNode; source: SourceText },
): Fault {
  const { path, message, hint, isName = false, position } = fault;
  const node = nearestNode(root, path);
  const member = isName ? memberAt(root, path) : undefined;
  if (member !== undefined) return { message, hint, span: member.keySpan };
  if (
    position !== undefined &&
    node.kind === "scalar" &&
    typeof node.value === "string" &&
    !node.filledWith
  ) {
    const place = placeIn(node, { value: node.value, text: source.text });
    const begin = Math.min(position, Math.max(0, node.value.length - 1));
    return { message, hint, span: place({ begin, end: begin + 1 }) };
  }
  if (node.kind === "scalar") return { message, hint, span: node.span };
  // Of what goes over many lines, its name says more than its bracket.
  const key = memberAt(root, path)?.keySpan;
  return { message, hint, span: key ?? { begin: node.span.begin, end: node.span.begin + 1 } };
}

/** `incoming.ports[0]`. A name that is not known is told in its message, and is no part of it. */
export function fieldText({ path, isName = false }: ValueFault): string {
  const steps = isName ? path.slice(0, -1) : path;
  return steps
    .map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join("");
}

/** A fault as it is told, with its line of the file. */
export function problemOf(source: SourceText, { message, hint, span }: Fault, field = ""): ConfigProblem {
  const { file } = source;
  const place = source.placeAt(span.begin);
  return { field: printable(field), message, hint, place, file, excerpt: source.excerpt(span) };
}

/** By their places: a file is mended from its top. */
export function sorted(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const key = ({ place }: ConfigProblem) => (place === undefined ? 0 : place.line * 100_000 + place.column);
  return problems.toSorted((one, other) => key(one) - key(other)).slice(0, limits.problems);
}

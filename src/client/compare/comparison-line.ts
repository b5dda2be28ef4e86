import type { ComparedRequest } from "./answer.ts";
import type { Comparison, Difference } from "./difference.ts";
import { printed } from "./excerpt.ts";
import { limits } from "./limits.ts";
import { formatPlace } from "./place.ts";
import { Secrets } from "./secrets.ts";

const shownDifferences = 3;
const shownTargetCharacters = 100;

/**
 * One exchange in one line, for people: `GET /items/7 differs: status 200 → 500, body/price 12.5 → 13, 4 more`. Printable;
 * secrets are masked.
 */
export function comparisonLine(
  exchange: { request: ComparedRequest; comparison: Comparison },
  secrets: Secrets = new Secrets(),
): string {
  const { request, comparison } = exchange;
  const target = printed(secrets.text(request.target), shownTargetCharacters);
  const subject = `${printed(request.method, 40)} ${target}`;
  const why = comparison.incomparable.map(({ text }) => secrets.text(text));
  if (comparison.verdict === "incomparable") return `${subject} cannot be compared: ${why.join(", ")}`;
  if (comparison.verdict === "same") return `${subject} is the same`;
  const shown = comparison.differences.slice(0, shownDifferences).map(differenceText);
  const more = comparison.counts.differences - shown.length;
  return `${subject} differs: ${[...shown, ...(more > 0 ? [`${more} more`] : []), ...why].join(", ")}`;
}

function differenceText({ place, original, local }: Difference): string {
  const where = printed(formatPlace(place), limits.placeCharacters);
  const [one, other] = [original ?? "nothing", local ?? "nothing"];
  // Masked, or different behind what is shown.
  return `${where} ${one} → ${one === other ? "another one" : other}`;
}

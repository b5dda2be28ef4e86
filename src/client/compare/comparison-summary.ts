import type { ComparedRequest } from "./answer.ts";
import type { Comparison, Difference, HiddenBy, IncomparableCode } from "./difference.ts";
import { printed } from "./excerpt.ts";
import { limits } from "./limits.ts";
import { MedianOfLatest } from "./median-of-latest.ts";
import { formatPlace, generalPlace } from "./place.ts";
import { routeKey } from "./route-key.ts";
import { Secrets } from "./secrets.ts";
import type { DifferenceExample, PairCounts, RouteReport, SummaryReport } from "./summary-report.ts";

/**
 * What pairs that could not be compared mean for the exit code, when nothing differs: `fail` and `pass` speak for
 * themselves; `fail-if-all` fails only when nothing could be compared, and when no pair came at all.
 */
export type IncomparablePolicy = "fail" | "pass" | "fail-if-all";

type Counts = { -readonly [key in keyof PairCounts]: number };

interface Route {
  readonly pairs: Counts;
  readonly places: Map<string, { answers: number; readonly example: DifferenceExample }>;
  morePlaces: number;
}

/** Gathers comparisons of a session into one short account. Bounded, however many there are. */
export class ComparisonSummary {
  readonly #secrets: Secrets;
  readonly #pairs = noPairs();
  readonly #hidden: Record<HiddenBy, number> = { rule: 0, default: 0, noise: 0 };
  readonly #rules = new Map<string, { rule: string; by: HiddenBy; answers: number }>();
  readonly #routes = new Map<string, Route>();
  readonly #moreRoutes = noPairs();
  readonly #incomparable = new Map<IncomparableCode, { answers: number; example: string }>();
  readonly #times = { original: new MedianOfLatest(), local: new MedianOfLatest() };

  /** @param secrets masks the targets of examples; values come masked from the comparison. */
  constructor(secrets: Secrets = new Secrets()) {
    this.#secrets = secrets;
  }

  add(pair: { request: ComparedRequest; comparison: Comparison }): void {
    const { request, comparison } = pair;
    count(this.#pairs, comparison);
    for (const by of ["rule", "default", "noise"] as const) this.#hidden[by] += comparison.counts.hidden[by];
    this.#addRules(comparison.hidden);
    for (const { code, text } of comparison.incomparable) {
      const known = this.#incomparable.get(code);
      if (known) known.answers++;
      else this.#incomparable.set(code, { answers: 1, example: this.#secrets.text(text) });
    }
    this.#times.original.add(comparison.timing.original.totalMs);
    this.#times.local.add(comparison.timing.local.totalMs);
    const route = this.#route(routeKey(request));
    if (route === undefined) return count(this.#moreRoutes, comparison);
    count(route.pairs, comparison);
    this.#addPlaces(route, request, comparison.differences);
  }

  /** 0 when nothing differs, 1 when something does; see `IncomparablePolicy` for the rest. */
  exitCode(policy: IncomparablePolicy = "fail-if-all"): 0 | 1 {
    const { same, differs, incomparable } = this.#pairs;
    if (differs > 0) return 1;
    if (policy === "pass") return 0;
    if (same === 0) return 1;
    return policy === "fail" && incomparable > 0 ? 1 : 0;
  }

  /** The account as a plain value, for `JSON.stringify` and for `summaryLines`. */
  report(): SummaryReport {
    const { same, differs } = this.#pairs;
    const routes = [...this.#routes].map(([route, found]) => routeReport(route, found));
    return {
      format: "magpie-compare",
      version: 1,
      verdict: differs > 0 ? "differs" : same > 0 ? "same" : "nothing-compared",
      pairs: { ...this.#pairs },
      hidden: { ...this.#hidden },
      rules: [...this.#rules.values()]
        .toSorted((one, other) => other.answers - one.answers)
        .map((rule) => ({ ...rule })),
      medianMs: { original: this.#times.original.median, local: this.#times.local.median },
      routes: routes.sort((one, other) => other.pairs.differs - one.pairs.differs),
      moreRoutes: { ...this.#moreRoutes },
      incomparable: [...this.#incomparable].map(([code, found]) => ({ code, ...found })),
    };
  }

  #route(key: string): Route | undefined {
    let route = this.#routes.get(key);
    if (route === undefined && this.#routes.size < limits.summaryRoutes) {
      route = { pairs: noPairs(), places: new Map(), morePlaces: 0 };
      this.#routes.set(key, route);
    }
    return route;
  }

  #addPlaces(route: Route, request: ComparedRequest, differences: readonly Difference[]): void {
    const seen = new Set<string>();
    for (const difference of differences) {
      const place = printed(generalPlace(difference.place), limits.placeCharacters);
      if (seen.has(place)) continue;
      seen.add(place);
      const known = route.places.get(place);
      if (known) known.answers++;
      else if (route.places.size >= limits.summaryPlaces) route.morePlaces++;
      else route.places.set(place, { answers: 1, example: this.#example(request, difference) });
    }
  }

  #example(request: ComparedRequest, difference: Difference): DifferenceExample {
    return {
      kind: difference.kind,
      place: printed(formatPlace(difference.place), limits.placeCharacters),
      original: difference.original ?? null,
      local: difference.local ?? null,
      target: this.#secrets.text(request.target),
      requestId: request.id ?? null,
    };
  }

  #addRules(hidden: readonly Difference[]): void {
    const rules = new Map(
      hidden.flatMap(({ hidden }) => (hidden ? [[`${hidden.by} ${hidden.rule}`, hidden] as const] : [])),
    );
    for (const [key, { by, rule }] of rules) {
      const known = this.#rules.get(key);
      if (known) known.answers++;
      else if (this.#rules.size < limits.rules) this.#rules.set(key, { rule, by, answers: 1 });
    }
  }
}

function noPairs(): Counts {
  return { total: 0, same: 0, differs: 0, incomparable: 0 };
}

function count(pairs: Counts, { verdict }: Comparison): void {
  pairs.total++;
  pairs[verdict]++;
}

function routeReport(route: string, found: Route): RouteReport {
  const places = [...found.places].map(([place, { answers, example }]) => ({ place, answers, example }));
  return {
    route,
    pairs: { ...found.pairs },
    places: places.sort((one, other) => other.answers - one.answers),
    morePlaces: found.morePlaces,
  };
}

import type { Answer, ComparedRequest } from "./answer.ts";
import { compareAnswers } from "./compare-answers.ts";
import type { IgnoreRule } from "./ignore-rule.ts";
import { limits } from "./limits.ts";
import { noiseOf } from "./noise-rule.ts";
import { routeKey } from "./route-key.ts";

/** Why a pair of answers teaches nothing. */
export type NotLearned = "method-not-safe" | "not-whole" | "status-differs";

/** What one pair of answers has taught: how many places are new, and how many did not fit in. */
export type Learned =
  | { readonly route: string; readonly newPlaces: readonly string[]; readonly droppedPlaces: number }
  | { readonly notLearned: NotLearned };

/** One noisy place of a route, for people. */
export interface NoisyPlace {
  readonly place: string;
  /** In how many of the pairs it differed. */
  readonly times: number;
  readonly pairs: number;
  /** In words. */
  readonly why: string;
}

interface RouteNoise {
  pairs: number;
  readonly places: Map<string, { readonly rule: Omit<IgnoreRule, "why">; times: number }>;
}

/** Methods that change nothing (RFC 9110 §9.2.1): only they may be asked twice for the sake of learning. */
const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a second answer to such a request may be asked for. */
export function mayLearnFrom(method: string): boolean {
  return safeMethods.has(method);
}

/**
 * Learns what differs between two answers of the original to one request: it would differ from the local answer as well,
 * and says nothing. Kept for each route, of at most `limits.noiseRoutes` routes; the least recently used one is forgotten.
 */
export class NoiseLearner {
  /** In the order of their last use. */
  readonly #routes = new Map<string, RouteNoise>();

  /**
   * Two answers of the original to the same safe request. An app that answers with two statuses is failing and not noisy:
   * learning from it would hide everything.
   */
  learn(pair: { request: ComparedRequest; first: Answer; second: Answer }): Learned {
    const { request, first, second } = pair;
    if (!mayLearnFrom(request.method)) return { notLearned: "method-not-safe" };
    if (first.end.how !== "complete" || second.end.how !== "complete") return { notLearned: "not-whole" };
    if (first.status !== second.status) return { notLearned: "status-differs" };
    const route = routeKey(request);
    const noise = this.#use(route) ?? this.#make(route);
    noise.pairs++;
    const seen = new Set<string>();
    const newPlaces: string[] = [];
    let droppedPlaces = 0;
    compareAnswers({
      request,
      original: first,
      local: second,
      listedDifferences: 0,
      observe: (found) => {
        const known = noiseOf(found);
        if (known === undefined || seen.has(known.text)) return;
        if (seen.size < limits.noisePlaces * 2) seen.add(known.text);
        const place = noise.places.get(known.text);
        if (place) place.times++;
        else if (noise.places.size >= limits.noisePlaces) droppedPlaces++;
        else {
          const rule = { text: known.text, action: "ignore", by: "noise", subject: known.subject } as const;
          noise.places.set(known.text, { rule, times: 1 });
          newPlaces.push(known.text);
        }
      },
    });
    return { route, newPlaces, droppedPlaces };
  }

  /** The rules that hide the noise of a request's route, for `compareAnswers`. Counts as a use of the route. */
  noiseOf(request: ComparedRequest): IgnoreRule[] {
    const noise = this.#use(routeKey(request));
    if (noise === undefined) return [];
    return [...noise.places.values()].map(({ rule, times }) => ({
      ...rule,
      why: reason(times, noise.pairs),
    }));
  }

  /** All that is known, route by route. */
  known(): { route: string; places: NoisyPlace[] }[] {
    return [...this.#routes].map(([route, { pairs, places }]) => ({
      route,
      places: [...places].map(([place, { times }]) => ({ place, times, pairs, why: reason(times, pairs) })),
    }));
  }

  #use(route: string): RouteNoise | undefined {
    const noise = this.#routes.get(route);
    if (noise === undefined) return undefined;
    this.#routes.delete(route);
    this.#routes.set(route, noise);
    return noise;
  }

  #make(route: string): RouteNoise {
    const noise: RouteNoise = { pairs: 0, places: new Map() };
    this.#routes.set(route, noise);
    for (const oldest of this.#routes.keys()) {
      if (this.#routes.size <= limits.noiseRoutes) break;
      this.#routes.delete(oldest);
    }
    return noise;
  }
}

function reason(times: number, pairs: number): string {
  if (pairs === 1) return "differed between two answers of the original to one request";
  return `differed in ${times} of ${pairs} pairs of answers of the original`;
}

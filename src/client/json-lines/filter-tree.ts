import { z } from "zod";
import type { Filter } from "../../filters/index.ts";

const leaf = z.union([z.string(), z.array(z.string()), z.record(z.string(), z.unknown())]);

/** A filter as a tree, as the filters room writes it; tests of a request are not looked into here. */
export const filterTree: z.ZodType<Filter> = z
  .lazy(() =>
    z.union([
      z.strictObject({ all: z.array(filterTree) }),
      z.strictObject({ any: z.array(filterTree) }),
      z.strictObject({ not: filterTree }),
      ...(["header", "path", "method", "host", "query", "grpc"] as const).map((name) =>
        z.strictObject({ [name]: leaf }),
      ),
    ]),
  )
  // The room of filters reads and writes the tests themselves.
  .meta({ id: "filter", description: "a filter, as a tree" }) as unknown as z.ZodType<Filter>;

/** Null takes every request. */
export const filterOrAll = filterTree.nullable().describe("null: every request");

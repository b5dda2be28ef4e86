import { z } from "zod";
import { jsonLine } from "./json-line.ts";

/**
 * The contract as JSON Schema (draft 2020-12), as docs/json-lines.schema.json has it. Readers have to pass over what they do
 * not know, so that objects may have more fields than it names.
 */
export function linesSchema(): object {
  const schema = z.toJSONSchema(jsonLine, {
    target: "draft-2020-12",
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return {
    $schema: schema.$schema,
    title: "A line of magpie --output json",
    description: "Version 1. Within one version events and fields are added, never renamed or removed.",
    ...schema,
  };
}

import { z } from "zod";
import { configSchema } from "./config.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a template may stand for is no text in the end; the schema is of what is written. */
const template = { $ref: "#/$defs/template" };

/** The JSON Schema of a config as it is written, with descriptions, defaults and examples: for editors. */
export function configJsonSchema(): Json {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { io: "input", target: "draft-7" });
  const written = writable(schema);
  return {
    $schema,
    title: "Magpie",
    description: "How a program runs in the place of a pod: magpie.json and the like.",
    ...(isJson(written) ? written : {}),
    $defs: {
      template: {
        description:
          "A text with a template: {{ env.USER }}, {{ git.branch }}, {{ hostname }} or {{ user }}.",
        type: "string",
        pattern: "\\{\\{",
      },
    },
  };
}

/** Where no text is taken, or only some texts, a template is. */
function writable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(writable);
  if (!isJson(node)) return node;
  const { description, default: usual, examples, ...rest } = node;
  const notes = {
    ...(description === undefined ? {} : { description }),
    ...(usual === undefined ? {} : { default: usual }),
    ...(examples === undefined ? {} : { examples }),
  };
  if (Array.isArray(rest["anyOf"])) {
    const forms = rest["anyOf"].flatMap((form: unknown) => {
      const inner = bare(form);
      return isJson(inner) && Array.isArray(inner["anyOf"]) && Object.keys(inner).length === 1
        ? inner["anyOf"]
        : [inner];
    });
    // Texts of these words are what templates come to.
    const written = forms.filter((form) => !(isJson(form) && String(form["enum"]) === "true,false"));
    const takesText = forms.some((form) => isJson(form) && form["type"] === "string" && !("enum" in form));
    const isPlain = forms.some((form) => isScalar(form));
    return { ...notes, anyOf: takesText || !isPlain ? written : [...written, template] };
  }
  if (isScalar(rest)) return { ...notes, anyOf: [rest, template] };
  return { ...notes, ...bareJson(rest) };
}

/** A form without one for a template: what is around it has that. */
function bare(node: unknown): unknown {
  if (!isJson(node)) return node;
  return isScalar(node) ? node : writable(node);
}

function bareJson(node: Json): Json {
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (key === "properties" && isJson(value))
        return [key, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, writable(one)]))];
      return [key, key === "items" || key === "additionalProperties" ? writable(value) : value];
    }),
  );
}

function isScalar(node: unknown): boolean {
  if (!isJson(node)) return false;
  return "enum" in node || "const" in node || ["number", "integer", "boolean"].includes(String(node["type"]));
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

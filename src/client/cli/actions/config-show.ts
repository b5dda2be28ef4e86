import { isSecret as isSecretHeader } from "../../../filters/index.ts";
import { isSecretName, toByteText } from "../../context/index.ts";
import { exitCodes } from "../../exit-codes.ts";
import { textOfLine } from "../../json-lines/index.ts";
import { paintFor, printable } from "../../text/paint.ts";
import { tableLines } from "../../text/table.ts";
import type { ConfigShowFlags } from "../commands/config-show.ts";
import type { AppliedSettings } from "../settings/apply-settings.ts";
import { type EffectiveField, effectiveFields, type FieldSource } from "../settings/effective-fields.ts";
import { tellNote, writeTo } from "./terminal.ts";

/** Runs `magpie config show`; gives the exit code. */
export async function runConfigShow(flags: ConfigShowFlags, applied: AppliedSettings): Promise<number> {
  const { schemaFields } = await import("../../config/schema/index.ts");
  const found = effectiveFields(flags.command, { applied, fields: schemaFields() });
  const fields = flags.showSecrets ? found : found.map(masked);
  const writeLine = writeTo(process.stdout);
  const file = applied.file?.shown ?? null;
  const profile = applied.loaded?.profile ?? null;
  if (flags.output === "json") {
    const shown = fields.map(({ field, value, source }) => ({ field, value, source }));
    writeLine(textOfLine({ event: "config", file, profile, fields: shown }));
    return exitCodes.ok;
  }
  const about = file === null ? "no config here: magpie config init makes one" : `config: ${printable(file)}`;
  tellNote(profile === null ? about : `${about} (profile ${printable(profile)})`);
  const paint = paintFor(process.stdout, process.env);
  const rows = fields.map(({ field, value, source }) => [
    field,
    printable(typeof value === "string" ? value : JSON.stringify(value)),
    flags.origin ? sourceText(source) : "",
  ]);
  const [, ...lines] = tableLines(["field", "value", "from"], rows);
  for (const [index, line] of lines.entries())
    writeLine(fields[index]?.source.kind === "default" ? paint("dim", line) : line);
  return exitCodes.ok;
}

function sourceText(source: FieldSource): string {
  if (source.kind === "default") return "default";
  return source.kind === "file" ? `${source.file}:${source.line}:${source.column}` : source.name;
}

const mask = "(masked; --show-secrets shows it)";

/** A value that a secret is in: by the name of the variable that it was filled in with, or that it is for. */
function masked(field: EffectiveField): EffectiveField {
  const { value, filledWith } = field;
  const isSecret = (name: string) =>
    isSecretHeader(name) || isSecretName(toByteText(name.replace(/^env\./, "")));
  if (filledWith.some(isSecret)) return { ...field, value: mask };
  if (!Array.isArray(value)) return field;
  const items = value.map((item: unknown) => {
    const text = String(item);
    const sign = /[=:]/.exec(text)?.index ?? -1;
    const name = text.slice(0, Math.max(0, sign)).trim();
    return sign !== -1 && isSecret(name) ? `${text.slice(0, sign + 1)}${mask}` : text;
  });
  return { ...field, value: items };
}

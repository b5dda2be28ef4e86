import { useMemo, useState } from "preact/hooks";
import type { BodyFacts, BodySide, HeaderLine, Row } from "../../page-contract.ts";
import { copyText } from "../detail/copy-text.ts";
import { Fold } from "../detail/fold.tsx";
import { useLoaded } from "../detail/use-loaded.ts";
import { save } from "../header/save-har.ts";
import { Icon } from "../marks/icon.tsx";
import { useModel } from "../model-context.ts";
import { sizeInWords } from "../words/sizes.ts";
import { bodyFileName } from "./body-file-name.ts";
import { type BodyForm, bodyForms } from "./body-form.ts";
import { FormView } from "./form-view.tsx";
import { HexView } from "./hex-view.tsx";
import { ImageView } from "./image-view.tsx";
import { JsonText } from "./json-text.tsx";
import { TextLines } from "./text-lines.tsx";

/** Of longer text the begin is shown: all of it can be saved. */
const MOST_TEXT_BYTES = 4_000_000;

interface BodyViewProps {
  readonly row: Row;
  readonly side: BodySide;
  readonly facts: BodyFacts;
  readonly headers: readonly HeaderLine[];
}

/** The content of a request or an answer. */
export function BodyView({ row, side, facts, headers }: BodyViewProps) {
  const model = useModel();
  const { value: bytes, error } = useLoaded(
    (signal) =>
      facts.keptBytes === 0 ? Promise.resolve(new Uint8Array()) : model.api.body(row.id, side, signal),
    { subject: `${row.id} ${side}`, version: facts.keptBytes },
  );
  const forms = useMemo(() => bodyForms(facts.type, bytes ?? new Uint8Array()), [facts.type, bytes]);
  const [chosen, choose] = useState<BodyForm | undefined>(undefined);
  if (facts.bytes === 0)
    return (
      <Fold title="Body" note="none">
        {null}
      </Fold>
    );
  const form = chosen !== undefined && forms.includes(chosen) ? chosen : (forms[0] ?? "hex");
  const text = (): string => new TextDecoder().decode(bytes);
  const download = (): void => {
    if (bytes === undefined) return;
    const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    save(url, bodyFileName(row, side, facts.type));
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  const aside = bytes !== undefined && bytes.length > 0 && (
    <>
      <div class="forms" role="group" aria-label="Form of the body">
        {forms.length > 1 &&
          forms.map((name) => (
            <button key={name} type="button" aria-pressed={name === form} onClick={() => choose(name)}>
              {formWords[name]}
            </button>
          ))}
      </div>
      {forms.includes("text") && (
        <button
          type="button"
          class="tool"
          title="Copy the body"
          aria-label="Copy the body"
          onClick={() => void copyText(model, text(), "The body is copied")}
        >
          <Icon name="copy" />
        </button>
      )}
      <button
        type="button"
        class="tool"
        title="Download the body"
        aria-label="Download the body"
        onClick={download}
      >
        <Icon name="download" />
      </button>
    </>
  );
  return (
    <Fold title="Body" note={factsInWords(facts)} aside={aside}>
      {facts.keptBytes < facts.bytes && (
        <p class="detail-note warn">
          {facts.keptBytes === 0
            ? "It is not kept"
            : `Only the first ${sizeInWords(facts.keptBytes)} are kept`}
          {facts.whyNotKept === null ? "." : `: ${facts.whyNotKept}.`}
        </p>
      )}
      {error !== undefined && (
        <p class="detail-note warn">
          {error.message} {error.hint}
        </p>
      )}
      {bytes === undefined && error === undefined && <p class="detail-note quiet">Reading…</p>}
      {bytes !== undefined && bytes.length > 0 && (
        <Content
          bytes={bytes}
          form={form}
          type={facts.type}
          contentType={contentTypeOf(headers) || facts.type}
        />
      )}
    </Fold>
  );
}

const formWords: Record<BodyForm, string> = {
  json: "JSON",
  form: "Form",
  image: "Image",
  text: "Text",
  hex: "Hex",
};

interface ContentProps {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly form: BodyForm;
  readonly type: string;
  readonly contentType: string;
}

function Content({ bytes, form, type, contentType }: ContentProps) {
  const isText = form === "json" || form === "text";
  const text = useMemo(
    () => (isText ? new TextDecoder().decode(bytes.subarray(0, MOST_TEXT_BYTES)) : ""),
    [bytes, isText],
  );
  const cut = isText && bytes.length > MOST_TEXT_BYTES && (
    <p class="detail-note quiet">
      The first {sizeInWords(MOST_TEXT_BYTES)} are shown; download it to see all.
    </p>
  );
  if (form === "hex") return <HexView bytes={bytes} />;
  if (form === "image") return <ImageView bytes={bytes} type={type} />;
  if (form === "form") return <FormView bytes={bytes} contentType={contentType} />;
  return (
    <>
      {cut}
      {form === "json" ? <JsonText text={text} /> : <TextLines text={text} />}
    </>
  );
}

function contentTypeOf(headers: readonly HeaderLine[]): string {
  return headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
}

function factsInWords({ bytes, type, decoded }: BodyFacts): string {
  const words = [sizeInWords(bytes), type, decoded === null ? "" : `${decoded} undone`];
  return words.filter((word) => word !== "").join(", ");
}

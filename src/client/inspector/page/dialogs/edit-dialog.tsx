import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Receiver, RequestDetail } from "../../page-contract.ts";
import { looksLikeText } from "../body/body-form.ts";
import { prettyJson, readJson } from "../body/json-node.ts";
import { useLoaded } from "../detail/use-loaded.ts";
import { ApiError } from "../link/api.ts";
import { useModel } from "../model-context.ts";
import { sizeInWords } from "../words/sizes.ts";
import { visibleText } from "../words/visible-text.ts";
import { base64Of } from "./base64.ts";
import { Dialog } from "./dialog.tsx";
import { readHeaders, withContent, writeHeaders } from "./edited-headers.ts";

/** Longer text is kept as it is and not edited: a text field of it would stall the page. */
const MOST_EDITED_BYTES = 1_000_000;

/** A request, to be changed and sent. */
export function EditDialog({ id }: { readonly id: number }) {
  const model = useModel();
  const { value, error } = useLoaded(
    async (signal) => {
      const detail = await model.api.detail(id, signal);
      const { keptBytes } = detail.request.body;
      return {
        detail,
        bytes: keptBytes === 0 ? new Uint8Array() : await model.api.body(id, "request", signal),
      };
    },
    { subject: id, version: undefined },
  );
  return (
    <Dialog title="Edit and send" isWide>
      {error !== undefined && (
        <p class="detail-note warn">
          {error.message} {error.hint}
        </p>
      )}
      {value !== undefined && <Editor detail={value.detail} bytes={value.bytes} />}
    </Dialog>
  );
}

type Body =
  | { readonly kind: "text"; readonly text: string }
  /** As it was, or of a file. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array; readonly name: string };

function Editor({ detail, bytes }: { detail: RequestDetail; bytes: Uint8Array }) {
  const model = useModel();
  const { row, request } = detail;
  const receivers = model.state.value?.can.sendTo ?? [];
  const [to, setTo] = useState<Receiver>(receivers[0] ?? "local");
  const [method, setMethod] = useState(row.method);
  const [target, setTarget] = useState(request.target);
  const [headerText, setHeaderText] = useState(() => writeHeaders(request.headers));
  const [body, setBody] = useState<Body>(() => firstBody(bytes));
  const [failure, setFailure] = useState<ApiError | undefined>(undefined);
  const [isSending, setSending] = useState(false);
  const { headers, problems } = useMemo(() => readHeaders(headerText), [headerText]);
  const isJson = headers.some(([name, value]) => /^content-type$/i.test(name) && /[/+]json\b/i.test(value));
  const json = useMemo(
    () => (isJson && body.kind === "text" && body.text.trim() !== "" ? readJson(body.text) : undefined),
    [isJson, body],
  );
  const jsonProblem = json !== undefined && "problem" in json ? json.problem : undefined;
  const isCut = request.body.keptBytes < request.body.bytes;
  const methodIsWrong = !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(method);
  const targetIsWrong = target === "" || /[\s\p{Cc}]/u.test(target);

  const targetField = useRef<HTMLInputElement>(null);
  useEffect(() => targetField.current?.focus(), []);

  const send = async (): Promise<void> => {
    setSending(true);
    setFailure(undefined);
    try {
      const content = body.kind === "text" ? new TextEncoder().encode(body.text) : body.bytes;
      const isChanged =
        content.length !== bytes.length || content.some((byte, index) => byte !== bytes[index]);
      const isDecoded = request.body.decoded !== null;
      const sent = isChanged || isDecoded ? withContent(headers, content.length, isDecoded) : headers;
      const { id } = await model.api.send({
        to,
        port: row.port,
        method,
        target,
        headers: sent,
        body: base64Of(content),
        from: row.id,
      });
      model.dialog.value = undefined;
      model.selected.value = id;
      model.tell({ kind: "done", text: `Sent as request ${id}`, hint: "" });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
    } finally {
      setSending(false);
    }
  };

  return (
    <form
      class="editor"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div class="editor-line">
        <label class="field method-field">
          <span>Method</span>
          <input
            value={method}
            aria-invalid={methodIsWrong}
            spellcheck={false}
            onInput={(event) => setMethod(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>Target</span>
          <input
            ref={targetField}
            value={target}
            aria-invalid={targetIsWrong}
            spellcheck={false}
            onInput={(event) => setTarget(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>To</span>
          <select
            value={to}
            onChange={(event) => setTo(event.currentTarget.value === "original" ? "original" : "local")}
          >
            {receivers.map((receiver) => (
              <option key={receiver} value={receiver}>
                {receiver === "local" ? "the program here" : "the app"}
              </option>
            ))}
          </select>
        </label>
      </div>
      <label class="field">
        <span>Headers, one a line</span>
        <textarea
          rows={Math.min(Math.max(request.headers.length + 1, 4), 12)}
          spellcheck={false}
          aria-invalid={problems.length > 0}
          value={headerText}
          onInput={(event) => setHeaderText(event.currentTarget.value)}
        />
      </label>
      {problems.map(({ line, message }) => (
        <p key={line} class="field-problem" role="alert">
          Line {line}: {visibleText(message)}
        </p>
      ))}
      <div class="field">
        <span class="field-title">
          <label for="edited-body">Body</label>
          <span class="gap" />
          {json !== undefined && "node" in json && (
            <button
              type="button"
              class="link"
              onClick={() => setBody({ kind: "text", text: prettyJson(json.node) })}
            >
              Format JSON
            </button>
          )}
          <label class="link">
            Take a file
            <input
              type="file"
              class="file"
              aria-label="Take a file as the body"
              onChange={(event) => void takeFile(event.currentTarget, setBody)}
            />
          </label>
        </span>
        {body.kind === "text" ? (
          <textarea
            id="edited-body"
            rows={10}
            spellcheck={false}
            aria-invalid={jsonProblem !== undefined}
            value={body.text}
            onInput={(event) => setBody({ kind: "text", text: event.currentTarget.value })}
          />
        ) : (
          <p class="bytes" id="edited-body">
            {visibleText(body.name, 80)}, {sizeInWords(body.bytes.length)}
            <button type="button" class="link" onClick={() => setBody({ kind: "text", text: "" })}>
              Write text instead
            </button>
          </p>
        )}
      </div>
      {jsonProblem !== undefined && body.kind === "text" && (
        <p class="field-problem" role="alert">
          {placeInWords(body.text, jsonProblem.at)}: {jsonProblem.message}. It can be sent all the same.
        </p>
      )}
      {isCut && <p class="field-problem">Only {sizeInWords(request.body.keptBytes)} of the body are kept.</p>}
      {request.valuesHidden && (
        <p class="field-problem">Values of its fields are not known here: fill them in.</p>
      )}
      {failure !== undefined && (
        <p class="field-problem" role="alert">
          {failure.message} {failure.hint}
        </p>
      )}
      <div class="dialog-buttons">
        <span class="hint">Content-Length follows the body by itself.</span>
        <span class="gap" />
        <button
          type="submit"
          class="button main"
          disabled={
            isSending || problems.length > 0 || methodIsWrong || targetIsWrong || receivers.length === 0
          }
        >
          {isSending ? "Sending…" : to === "local" ? "Send to the program here" : "Send to the app"}
        </button>
      </div>
    </form>
  );
}

function firstBody(bytes: Uint8Array): Body {
  if (bytes.length <= MOST_EDITED_BYTES && looksLikeText(bytes)) {
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const again = new TextEncoder().encode(text);
    // A text field makes one kind of line end of all: then the bytes are kept as they are.
    if (!text.includes("\r") && again.length === bytes.length) return { kind: "text", text };
  }
  return { kind: "bytes", bytes, name: "as it was" };
}

async function takeFile(input: HTMLInputElement, setBody: (body: Body) => void): Promise<void> {
  const [file] = input.files ?? [];
  if (file !== undefined)
    setBody({ kind: "bytes", bytes: new Uint8Array(await file.arrayBuffer()), name: file.name });
  input.value = "";
}

function placeInWords(text: string, at: number): string {
  const before = text.slice(0, at).split("\n");
  return `Line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

import { useEffect, useMemo, useState } from "preact/hooks";
import type { FilterPreview } from "../../page-contract.ts";
import { FilterError, parseFilter } from "../../../../filters/index.ts";
import { FilterProblem } from "../filter-box/filter-problem.tsx";
import { ApiError } from "../link/api.ts";
import { statusOf } from "../list/status-of.ts";
import { useModel } from "../model-context.ts";
import { Harmless } from "../words/harmless.tsx";
import { counted, inThousands } from "../words/sizes.ts";
import { visibleText } from "../words/visible-text.ts";
import { Dialog } from "./dialog.tsx";

/** While somebody types nothing is asked. */
const REST_MS = 200;
const MOST_ROWS = 6;

interface Problem {
  readonly message: string;
  readonly at: number | null;
  readonly hint: string | null;
}

/** The filter of a port, changed while the session runs. */
export function FilterDialog({ port }: { readonly port: number }) {
  const model = useModel();
  const inspected = model.state.value?.ports.find((known) => known.port === port);
  const [text, setText] = useState(inspected?.filter ?? "");
  const [failure, setFailure] = useState<ApiError | undefined>(undefined);
  const [isSending, setSending] = useState(false);
  const problem = useMemo(() => problemOf(text), [text]);
  const preview = usePreview(port, text, problem === undefined);
  if (inspected === undefined)
    return (
      <Dialog title={`Filter of port ${port}`}>
        <p class="detail-note">This port is not asked for any more.</p>
      </Dialog>
    );
  const filter = text.trim() === "" ? null : text;
  const shown = problem ?? preview?.problem ?? undefined;
  const isSame = filter === inspected.filter;
  const apply = async (): Promise<void> => {
    setSending(true);
    setFailure(undefined);
    try {
      model.state.value = await model.api.setFilter({ port, filter });
      model.dialog.value = undefined;
      model.tell({ kind: "done", text: `Port ${port} has its new filter`, hint: "" });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
    } finally {
      setSending(false);
    }
  };
  return (
    <Dialog title={`Filter of port ${port}`} isWide>
      <form
        class="editor"
        onSubmit={(event) => {
          event.preventDefault();
          void apply();
        }}
      >
        <label class="field">
          <span>
            Requests to {inspected.mode} to {inspected.local}; empty: everything
          </span>
          <textarea
            rows={3}
            autofocus
            spellcheck={false}
            value={text}
            aria-invalid={shown !== undefined}
            aria-describedby="filter-preview"
            onInput={(event) => {
              setText(event.currentTarget.value);
              setFailure(undefined);
            }}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.shiftKey) return;
              event.preventDefault();
              event.currentTarget.form?.requestSubmit();
            }}
          />
        </label>
        <div id="filter-preview" class="preview" aria-live="polite">
          {shown !== undefined ? (
            <FilterProblem text={text} message={shown.message} at={shown.at} hint={shown.hint ?? ""} />
          ) : preview === undefined ? (
            <p class="quiet">Looking…</p>
          ) : (
            <Preview preview={preview} mode={inspected.mode} />
          )}
        </div>
        {failure !== undefined && (
          <p class="field-problem" role="alert">
            {visibleText(failure.message)} {visibleText(failure.hint)}
          </p>
        )}
        <div class="dialog-buttons">
          <span class="hint">Requests that are under way keep their way.</span>
          <span class="gap" />
          <button type="submit" class="button main" disabled={isSending || problem !== undefined || isSame}>
            {isSending ? "Applying…" : "Apply"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function problemOf(text: string): Problem | undefined {
  if (text.trim() === "") return undefined;
  try {
    parseFilter(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    return { message: error.message, at: error.position, hint: error.hint };
  }
}

/** What the filter would do, once nobody types any more. */
function usePreview(port: number, text: string, isAsked: boolean): FilterPreview | undefined {
  const model = useModel();
  const [preview, setPreview] = useState<FilterPreview | undefined>(undefined);
  useEffect(() => {
    if (!isAsked) return undefined;
    const stopping = new AbortController();
    const change = { port, filter: text.trim() === "" ? null : text };
    const timer = setTimeout(() => {
      model.api.preview(change, stopping.signal).then(setPreview, (error: unknown) => {
        if (stopping.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setPreview({
          problem: { message: error.message, at: null, hint: error.hint },
          matching: 0,
          of: 0,
          wouldGain: [],
          wouldLose: [],
          overlaps: [],
        });
      });
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      stopping.abort();
    };
  }, [model, port, text, isAsked]);
  return preview;
}

function Preview({ preview, mode }: { preview: FilterPreview; mode: "steal" | "mirror" }) {
  const { matching, of, wouldGain, wouldLose, overlaps } = preview;
  return (
    <>
      <div class="preview-count">
        <meter
          min={0}
          max={Math.max(of, 1)}
          value={matching}
          aria-label="Part of the recorded requests that match"
        />
        <span>
          <b>{inThousands(matching)}</b> of {counted(of, "recorded request")} match
        </span>
      </div>
      <div class="preview-changes">
        <Changing
          ids={wouldGain}
          title={`would be ${mode === "steal" ? "stolen" : "mirrored"} now`}
          sign="+"
        />
        <Changing ids={wouldLose} title="would go to the app now" sign="−" />
      </div>
      {overlaps.map((overlap, index) => (
        <p key={index} class="overlap">
          <Harmless text={overlap} />
        </p>
      ))}
    </>
  );
}

function Changing({ ids, title, sign }: { ids: readonly number[]; title: string; sign: string }) {
  const model = useModel();
  const rows = ids.slice(-MOST_ROWS).map((id) => model.row(id));
  return (
    <section class={ids.length === 0 ? "changing none" : "changing"}>
      <h3>
        {sign}
        {inThousands(ids.length)} {title}
      </h3>
      <ul>
        {rows.map(
          (row) =>
            row !== undefined && (
              <li key={row.id}>
                <span class={`tone-${statusOf(row).tone}`}>{statusOf(row).text}</span>{" "}
                {visibleText(row.method, 20)} <Harmless text={row.path} most={80} isShort />
              </li>
            ),
        )}
      </ul>
    </section>
  );
}

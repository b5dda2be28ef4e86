import { useModel } from "../model-context.ts";
import { counted, inThousands, sizeInWords } from "../words/sizes.ts";

/** Below the list: how much is shown, kept, and was not. */
export function StatusLine() {
  const model = useModel();
  void model.changes.value;
  const kept = model.state.value?.kept;
  const shown = model.view.length;
  const all = model.rows.size;
  const { probes } = model;
  return (
    <footer class="status-line">
      <span>
        {shown === all ? counted(all, "request") : `${inThousands(shown)} of ${counted(all, "request")}`}
        {model.isSearching.value && " · looking…"}
      </span>
      {probes > 0 && !model.chips.value.probes && <span>{counted(probes, "probe")} not shown</span>}
      {kept !== undefined && (
        <>
          <span
            title={`At most ${inThousands(kept.maxRows)} requests and ${sizeInWords(kept.maxBytes)} are kept`}
          >
            {sizeInWords(kept.bytes)} of {sizeInWords(kept.maxBytes)} kept
          </span>
          {kept.bodiesCut > 0 && (
            <span class="warn">{counted(kept.bodiesCut, "body was cut", "bodies were cut")} for room</span>
          )}
          {kept.missed > 0 && <span class="warn">{counted(kept.missed, "request")} missed</span>}
        </>
      )}
      <span class="gap" />
      {model.pinned.value !== undefined && (
        <span>
          compared with request {model.pinned.value}{" "}
          <button type="button" class="link" onClick={() => (model.pinned.value = undefined)}>
            stop
          </button>
        </span>
      )}
      <span>{model.state.value === undefined ? "" : `magpie ${model.state.value.version}`}</span>
    </footer>
  );
}

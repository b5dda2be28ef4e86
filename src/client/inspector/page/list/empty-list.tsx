import { useModel } from "../model-context.ts";
import { counted } from "../words/sizes.ts";

/** What stands where no row is, and what one may do about it. */
export function EmptyList() {
  const model = useModel();
  const kept = model.rows.size;
  const probes = model.probes;
  if (model.isSearching.value) return <div class="empty">Looking…</div>;
  if (kept === 0) {
    return (
      <div class="empty">
        <img class="empty-bird" src={birdUrl} alt="" />
        <p class="empty-title">{model.isCaughtUp.value ? "No request yet" : "Connecting…"}</p>
        {model.isCaughtUp.value && (
          <p>Send one to {model.state.value?.target ?? "the target"}: it shows up here at once.</p>
        )}
      </div>
    );
  }
  const onlyProbes = probes === kept && !model.chips.value.probes;
  return (
    <div class="empty">
      <p class="empty-title">{onlyProbes ? "Only probes so far" : "Nothing matches"}</p>
      <p>
        {onlyProbes
          ? `${counted(probes, "probe")} not shown.`
          : `${counted(kept, "request")} hidden by filter and chips.`}
      </p>
      {onlyProbes ? (
        <button type="button" class="button" onClick={() => model.toggle("probes")}>
          Show probes
        </button>
      ) : (
        <button type="button" class="button" onClick={() => model.showAll()}>
          Show all
        </button>
      )}
    </div>
  );
}

const birdUrl = new URL("../marks/magpie.svg", import.meta.url).href;

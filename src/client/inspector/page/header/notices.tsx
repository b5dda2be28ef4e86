import { useModel } from "../model-context.ts";
import { Icon } from "../marks/icon.tsx";
import { visibleText } from "../words/visible-text.ts";

/** What came of what was asked for. What went wrong stays until it is closed. */
export function Notices() {
  const model = useModel();
  return (
    <div class="notices" role="status" aria-live="polite" aria-label="Notices">
      {model.notices.value.map(({ id, kind, text, hint }) => (
        <div key={id} class={`notice ${kind}`}>
          <Icon name={kind === "done" ? "yes" : "warning"} />
          <div>
            <p>{visibleText(text)}</p>
            {hint !== "" && <p class="hint">{visibleText(hint)}</p>}
          </div>
          <button
            type="button"
            class="tool"
            aria-label="Close this notice"
            onClick={() => model.closeNotice(id)}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}

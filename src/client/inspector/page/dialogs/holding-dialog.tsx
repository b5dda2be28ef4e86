import { useMemo, useState } from "preact/hooks";
import { FilterProblem } from "../filter-box/filter-problem.tsx";
import { ApiError } from "../link/api.ts";
import { useModel } from "../model-context.ts";
import { readBox } from "../query/row-test.ts";
import { visibleText } from "../words/visible-text.ts";
import { Dialog } from "./dialog.tsx";

/** Which requests wait here until they are released. */
export function HoldingDialog() {
  const model = useModel();
  const holding = model.state.value?.holding;
  const [text, setText] = useState(holding?.filter ?? "");
  const [failure, setFailure] = useState<ApiError | undefined>(undefined);
  const read = useMemo(() => readBox(text), [text]);
  const problem =
    read.kind === "words"
      ? { message: "this is no filter", at: 0, hint: 'Write a clause, such as path ^= "/api".' }
      : read.kind === "problem"
        ? read
        : undefined;
  const apply = async (isOn: boolean): Promise<void> => {
    try {
      model.state.value = await model.api.hold({ isOn, filter: text.trim() === "" ? null : text });
      model.dialog.value = undefined;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setFailure(error);
    }
  };
  return (
    <Dialog title="Hold requests">
      <form
        class="editor"
        onSubmit={(event) => {
          event.preventDefault();
          void apply(true);
        }}
      >
        <p class="hint">New stolen requests wait here until you release them. Their callers wait, too.</p>
        <label class="field">
          <span>Only those that this filter takes; empty: all</span>
          <textarea
            rows={2}
            autofocus
            spellcheck={false}
            value={text}
            aria-invalid={problem !== undefined}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        {problem !== undefined && <FilterProblem text={text} {...problem} />}
        {failure !== undefined && (
          <p class="field-problem" role="alert">
            {visibleText(failure.message)} {visibleText(failure.hint)}
          </p>
        )}
        <div class="dialog-buttons">
          {holding?.isOn === true && (
            <button type="button" class="button" onClick={() => void apply(false)}>
              Let all go on
            </button>
          )}
          <span class="gap" />
          <button type="submit" class="button main" disabled={problem !== undefined}>
            {holding?.isOn === true ? "Hold these" : "Begin to hold"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

import { useModel } from "../model-context.ts";
import type { ChipName } from "../query/chips.ts";
import { Icon } from "../marks/icon.tsx";
import { Mark } from "../marks/what-mark.tsx";
import { FilterProblem } from "./filter-problem.tsx";

const chips: readonly { name: ChipName; label: string; title: string }[] = [
  { name: "stolen", label: "Stolen", title: "Only requests that were answered here" },
  { name: "mirrored", label: "Mirrored", title: "Only requests of which a copy came here" },
  { name: "passed", label: "Passed", title: "Only requests that the app answered" },
  { name: "failed", label: "Failed", title: "Only failures: no answer, status 400 and up, gRPC errors" },
  { name: "probes", label: "Probes", title: "Show the cluster's own probes, too" },
];

/** Above the list: which rows it shows. */
export function FilterBox() {
  const model = useModel();
  const box = model.box.value;
  const text = model.boxText.value;
  const isWrong = box.kind === "problem";
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      event.preventDefault();
      if (text !== "") model.write("");
      else document.getElementById("rows")?.focus();
    } else if (event.key === "Enter" || event.key === "ArrowDown") {
      event.preventDefault();
      document.getElementById("rows")?.focus();
    }
  };
  return (
    <search class="filter-row">
      <div class={`filter-box${isWrong ? " wrong" : ""}`}>
        <Icon name="search" />
        <input
          id="filter-box"
          type="text"
          spellcheck={false}
          autocomplete="off"
          placeholder={'Words, or a filter: path ^= "/api" && method in (POST, PUT)'}
          aria-label="Filter of the list"
          aria-invalid={isWrong}
          aria-describedby={isWrong ? "filter-box-problem" : undefined}
          value={text}
          onInput={(event) => model.write(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        {text === "" ? (
          <kbd>/</kbd>
        ) : (
          <>
            <span class="box-kind">{kindWords[box.kind]}</span>
            <button type="button" class="tool" aria-label="Empty the filter" onClick={() => model.write("")}>
              <Icon name="close" />
            </button>
          </>
        )}
      </div>
      <div class="chips" role="group" aria-label="Quick choices">
        {chips.map(({ name, label, title }) => (
          <button
            key={name}
            type="button"
            class={`chip chip-${name}`}
            aria-pressed={model.chips.value[name]}
            title={title}
            onClick={() => model.toggle(name)}
          >
            {(name === "stolen" || name === "mirrored" || name === "passed") && <Mark what={name} />}
            {label}
          </button>
        ))}
      </div>
      {box.kind === "problem" && (
        <div class="box-problem" id="filter-box-problem" role="alert">
          <FilterProblem text={text} message={box.message} at={box.at} hint={box.hint} />
        </div>
      )}
    </search>
  );
}

const kindWords = { all: "", words: "words", filter: "filter", problem: "" };

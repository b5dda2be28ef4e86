import { render } from "preact";
import { Api } from "./link/api.ts";
import { tokenOf } from "./link/token.ts";
import { ModelContext } from "./model-context.ts";
import { Page } from "./page.tsx";
import { PageModel } from "./page-model.ts";
import { followTheme } from "./theme.ts";

followTheme();
const model = new PageModel(new Api(tokenOf(location)));
const place = document.getElementById("page");
if (place !== null) {
  render(
    <ModelContext.Provider value={model}>
      <Page />
    </ModelContext.Provider>,
    place,
  );
}
model.begin();

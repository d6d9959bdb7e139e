/** The anywidget module: a page for each model, and a card for each view. */

import { mountCard } from "./card";
import { connectPage, type Model } from "./connection";
import type { Page } from "./page";

/**
 * Called by anywidget once per model. `initialize` and the views share this closure, because they get
 * different model objects.
 */
export default () => {
  let page: Page;

  return {
    initialize({ model }: { model: Model }): () => void {
      const life = new AbortController();
      page = connectPage(model, "kernel", life.signal);
      return () => life.abort();
    },

    render({ el }: { el: HTMLElement }): () => void {
      const life = new AbortController();
      mountCard(el, page, life.signal);
      return () => life.abort();
    },
  };
};

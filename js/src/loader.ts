/**
 * What anywidget sends with every widget and saves with the notebook. It is small: what draws the
 * card and talks to the kernel is in index.ts, and comes once per page.
 */

import { type Factory, fetchCode } from "./code";
import type { Model } from "./connection";
import { mountPlaceholder } from "./placeholder";

type Widget = ReturnType<Factory>;

/** Called by anywidget once per model, as index.ts's own factory is then. */
export default () => {
  let begin: (widget: Promise<Widget>) => void;
  let widget: Widget | undefined;
  const begun = new Promise<Widget>((resolve) => {
    begin = resolve;
  });

  return {
    /** Does not wait for the code: until it returns, anywidget holds the kernel's messages back. */
    initialize({ model }: { model: Model }): () => void {
      const life = new AbortController();
      let end = () => {};
      const code = fetchCode(model, life.signal);
      begin(
        code.then((factory) => {
          widget = factory();
          if (!life.signal.aborted) end = widget.initialize({ model });
          return widget;
        }),
      );
      return () => {
        life.abort();
        end();
      };
    },

    render({ el }: { el: HTMLElement }): () => void {
      if (widget) return widget.render({ el });
      let over = false;
      let end = mountPlaceholder(el, begun);
      begun.then(
        (arrived) => {
          end();
          if (!over) end = arrived.render({ el });
        },
        () => {}, // the card says it
      );
      return () => {
        over = true;
        end();
      };
    },
  };
};

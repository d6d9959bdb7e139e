/**
 * The module that anywidget sends with every widget and saves with the notebook. It is small: index.ts,
 * which draws the card and exchanges messages with the kernel, is fetched once per page.
 */

import { type Factory, fetchCode } from "./code";
import type { Model } from "./connection";
import { mountPlaceholder } from "./placeholder";

type Widget = ReturnType<Factory>;

/** Called by anywidget once per model. Then it calls the factory of index.ts in the same way. */
export default () => {
  let begin: (widget: Promise<Widget>) => void;
  let widget: Widget | undefined;
  const begun = new Promise<Widget>((resolve) => {
    begin = resolve;
  });

  return {
    /** Does not wait for the code: anywidget delivers the kernel's messages only after it returns. */
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
        () => {}, // the placeholder shows the error
      );
      return () => {
        over = true;
        end();
      };
    },
  };
};

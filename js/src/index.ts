/** The anywidget module: wires the page's state machine to the model, and a card to each view. */

import type { AnyModel } from "@anywidget/types";
import { callbackPageUrl, openChannels } from "./callback";
import { mountCard } from "./card";
import type { Page } from "./page";
import { createPage } from "./page";
import { pageId } from "./page_id";
import { openPopup } from "./popup";
import { openStore } from "./storage";
import { endTenantSession } from "./tenant_logout";

/**
 * Called by anywidget once per model. What `initialize` and the views share lives in this closure:
 * the model objects they are handed are different ones.
 */
export default () => {
  let page: Page;

  return {
    initialize({ model }: { model: Pick<AnyModel, "on" | "off" | "send"> }): () => void {
      const life = new AbortController();
      page = createPage({
        id: pageId(),
        origin: location.origin,
        callback: callbackPageUrl(),
        send: (message) => {
          try {
            model.send(message);
          } catch {
            // A kernel that was shut down throws; the card tells by its silence.
          }
        },
        openPopup,
        openStore,
        openChannels,
        endTenantSession,
        signal: life.signal,
      });
      model.on("msg:custom", page.receive);
      // ipywidgets' own event: the kernel was restarted, has gone, or is back.
      model.on("comm_live_update", page.checkKernel);
      life.signal.addEventListener("abort", () => {
        model.off("msg:custom", page.receive);
        model.off("comm_live_update", page.checkKernel);
      });
      document.addEventListener(
        "visibilitychange",
        () => {
          if (!document.hidden) page.sayHello();
        },
        { signal: life.signal },
      );
      page.sayHello();
      return () => life.abort();
    },

    render({ el }: { el: HTMLElement }): () => void {
      const life = new AbortController();
      mountCard(el, page, life.signal);
      return () => life.abort();
    },
  };
};

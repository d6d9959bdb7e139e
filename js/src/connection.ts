/** Connects the page's state machine to the kernel or to the Jupyter Server. */

import { abilities } from "./abilities";
import { callbackPageUrl, openChannels } from "./callback";
import type { Page, Peer } from "./page";
import { createPage } from "./page";
import { pageId } from "./page_id";
import { openPopup } from "./popup";
import { logInSilently } from "./silent_login";
import { openStore } from "./storage";
import { endTenantSession } from "./tenant_logout";

/** Sends and receives the messages: anywidget's model, or the top bar's channel. */
export interface Model {
  on(event: string, listener: (message: unknown) => void): void;
  off(event: string, listener: (message: unknown) => void): void;
  send(message: unknown): void;
}

/** A page that sends `hello` at once, and receives messages until the signal aborts. */
export function connectPage(model: Model, peer: Peer, signal: AbortSignal): Page {
  const page = createPage({
    id: pageId(),
    abilities: abilities(),
    callbackPageUrl: callbackPageUrl(),
    peer,
    send: (message) => {
      try {
        model.send(message);
      } catch {
        // Raised when the kernel was shut down. The card shows that it does not reply.
      }
    },
    openPopup,
    openStore,
    openChannels,
    endTenantSession,
    logInSilently,
    signal,
  });
  model.on("msg:custom", page.receive);
  // An event of ipywidgets: the kernel was restarted, has gone, or is back.
  model.on("comm_live_update", page.checkKernel);
  signal.addEventListener("abort", () => {
    model.off("msg:custom", page.receive);
    model.off("comm_live_update", page.checkKernel);
  });
  document.addEventListener(
    "visibilitychange",
    () => {
      if (!document.hidden) page.sayHello();
    },
    { signal },
  );
  page.sayHello();
  return page;
}

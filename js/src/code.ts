/**
 * Fetches the code of the card from the kernel, once for all widgets of a page, and runs it from a
 * Blob URL, as anywidget runs the loader.
 */

import type { Model } from "./connection";
import type factory from "./index";
import type { ToKernel } from "./messages";
import { pageId } from "./page_id";

export type Factory = typeof factory;

/** The ID of this build, which `js/build.js` sets. */
declare const BUILD: string;

/** The pause before the request is sent again. It doubles each time. */
const FIRST_PAUSE_MS = 500;

interface PageCode {
  /** Whether a widget of the page has requested the code. */
  asked: boolean;
  readonly take: (code: string) => void;
  readonly factory: Promise<Factory>;
}

async function run(code: string): Promise<Factory> {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  try {
    return (await import(/* @vite-ignore */ url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function newPageCode(): PageCode {
  let take: PageCode["take"] = () => {};
  const arrived = new Promise<string>((resolve) => {
    take = resolve;
  });
  return { asked: false, take, factory: arrived.then(run) };
}

/** The code, from the kernel of this model, or from another one that was faster. The signal ends it. */
export function fetchCode(model: Model, signal: AbortSignal): Promise<Factory> {
  // Each widget is a module of its own, so what they share is a property of the window.
  const page = window as object as Record<string, PageCode>;
  const key = `auth0-widget:code:${BUILD}`;
  page[key] ??= newPageCode();
  const pageCode = page[key];
  const over = new AbortController();
  let pause = FIRST_PAUSE_MS;
  let timer: ReturnType<typeof setTimeout>;

  function receive(message: unknown): void {
    const { type, code } = Object(message);
    if (type === "code" && typeof code === "string") pageCode.take(code);
  }

  function ask(): void {
    pageCode.asked = true;
    try {
      const message: ToKernel = { type: "load", page: pageId() };
      model.send(message);
    } catch {
      // Raised when the kernel was shut down. The card shows that it does not reply.
    }
  }

  function wait(): void {
    timer = setTimeout(() => {
      ask();
      wait();
    }, pause);
    pause *= 2;
  }

  model.on("msg:custom", receive);
  // An event of ipywidgets: the kernel was restarted, has gone, or is back.
  model.on("comm_live_update", ask);
  document.addEventListener("visibilitychange", () => document.hidden || ask(), over);
  signal.addEventListener("abort", () => over.abort());
  over.signal.addEventListener("abort", () => {
    clearTimeout(timer);
    model.off("msg:custom", receive);
    model.off("comm_live_update", ask);
  });
  if (!pageCode.asked) ask();
  wait();
  return pageCode.factory.finally(() => over.abort());
}

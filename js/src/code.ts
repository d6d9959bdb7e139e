/**
 * The code of the card: one page asks the kernel for it once, whichever of its widgets comes first,
 * and runs it from a Blob URL, as anywidget runs the loader itself.
 */

import type { Model } from "./connection";
import type factory from "./index";
import type { ToKernel } from "./messages";
import { pageId } from "./page_id";

export type Factory = typeof factory;

/** Which build this is of: `js/build.js` says. */
declare const BUILD: string;

/** A kernel that was not there or did not listen is asked again, at twice the pause each time. */
const FIRST_PAUSE_MS = 500;

interface PageCode {
  /** Whether one of the page's widgets has asked. */
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

/** The code, from this model's kernel unless another's was faster. It gives up with the signal. */
export function fetchCode(model: Model, signal: AbortSignal): Promise<Factory> {
  // Every widget is a module of its own; what is one for all of them is kept at the window.
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
      // A kernel that was shut down throws; the card tells by its silence.
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
  // ipywidgets' own event: the kernel was restarted, has gone, or is back.
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

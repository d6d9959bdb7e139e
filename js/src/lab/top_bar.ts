/** The item of the top bar: who is logged in, and on request the same card as that of a widget. */

import { mountCard } from "../card";
import { add } from "../dom";
import type { Page } from "../page";
import { duration } from "../times";

/** The actions for the commands of the palette. */
export interface TopBar {
  /** Shows the card, or hides it. */
  toggleSession(): void;
}

/** Draws the item into `host` and keeps it current until the signal aborts. */
export function mountTopBar(host: HTMLElement, page: Page, signal: AbortSignal): TopBar {
  const bar = add(host, "div", "top-bar");
  mountCard(bar, page, signal, "badge");
  const left = add(bar, "span", "left");
  const toggle = add(bar, "button", "show");
  toggle.type = "button";
  toggle.textContent = "Show session";
  toggle.setAttribute("aria-expanded", "false");

  let panel: HTMLElement | undefined;
  let life = new AbortController();

  function close(): void {
    life.abort();
    panel?.remove();
    panel = undefined;
    toggle.setAttribute("aria-expanded", "false");
  }

  function open(): void {
    life = new AbortController();
    // In the body, because the top bar hides what does not fit into it.
    panel = add(document.body, "div", "session-panel");
    const { bottom, right } = bar.getBoundingClientRect();
    panel.style.top = `${bottom}px`;
    panel.style.right = `${Math.max(0, innerWidth - right)}px`;
    mountCard(panel, page, life.signal, "card");
    toggle.setAttribute("aria-expanded", "true");
    panel.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      close();
      toggle.focus();
    });
    panel.querySelector<HTMLElement>(".auth0-widget")?.focus();
  }

  function toggleSession(): void {
    if (panel) close();
    else open();
  }

  function draw(): void {
    const { kernel } = page.snapshot();
    const card = kernel?.status === "authenticated" ? kernel.card : null;
    const seconds = (card?.access_token_expires_at ?? 0) - Date.now() / 1000;
    left.textContent = card && seconds > 0 ? duration(seconds) : "";
    left.title = card ? "Until the access token ends" : "";
    toggle.hidden = card === null;
    if (card === null && panel) close();
  }

  toggle.addEventListener("click", toggleSession, { signal });
  page.subscribe(draw, signal);
  const clock = setInterval(draw, 1000);
  signal.addEventListener("abort", () => {
    clearInterval(clock);
    close();
    bar.remove();
  });
  draw();
  return { toggleSession };
}

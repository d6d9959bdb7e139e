/** The item of the top bar: who is logged in, and on request the same card as that of a widget. */

import { mountCard } from "../card";
import { cardContent } from "../card_content";
import { add } from "../dom";
import type { Page } from "../page";
import { duration } from "../times";

/** The actions for the commands of the palette. */
export interface TopBar {
  /** Clicks Log in. */
  logIn(): void;
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
  toggle.setAttribute("aria-expanded", "false");

  let panel: HTMLElement | undefined;
  let life = new AbortController();
  let explained = false;

  function close(): void {
    life.abort();
    panel?.remove();
    panel = undefined;
    toggle.setAttribute("aria-expanded", "false");
  }

  function open(): HTMLElement {
    life = new AbortController();
    // In the body, because the top bar hides what does not fit into it.
    const opened = add(document.body, "div", "session-panel");
    panel = opened;
    const { bottom, right } = bar.getBoundingClientRect();
    opened.style.top = `${bottom}px`;
    opened.style.right = `${Math.max(0, innerWidth - right)}px`;
    mountCard(opened, page, life.signal, "card");
    toggle.setAttribute("aria-expanded", "true");
    opened.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      close();
      toggle.focus();
    });
    return opened;
  }

  function toggleSession(): void {
    if (panel) close();
    else open().querySelector<HTMLElement>(".auth0-widget")?.focus();
  }

  function draw(): void {
    const { card, usable, urgent, problem, device } = cardContent(page.snapshot());
    const seconds = usable && card ? (card.access_token_expires_at ?? 0) - Date.now() / 1000 : 0;
    const delayed = usable && problem !== null ? ", renewal delayed" : "";
    left.textContent = seconds > 0 ? duration(seconds) + delayed : "";
    left.title = seconds > 0 ? "Until the access token expires" : "";

    // What does not fit into the bar is in the card below it, which then opens by itself.
    const explains = !usable && (problem !== null || device !== null);
    bar.classList.toggle("a0w-explained", explains);
    toggle.textContent = usable ? "Show session" : "Show details";
    toggle.hidden = !usable && !urgent && !explains;
    if (toggle.hidden) close();
    else if (explains && !explained && !panel) open();
    explained = explains;
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
  return {
    logIn: () => bar.querySelector<HTMLElement>(".a0w-primary:not([hidden])")?.click(),
    toggleSession,
  };
}

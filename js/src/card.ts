/** The card: plain DOM, updated in place so that focus and an unfolded profile stay as they are. */

import type { Card } from "./messages";
import type { Page } from "./page";
import { drawPortrait } from "./portrait";
import type { Offer, View } from "./view";
import { viewOf } from "./view";

type Tag = keyof HTMLElementTagNameMap;

function add<K extends Tag>(parent: Element, tag: K, name: string): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = `a0w-${name}`;
  parent.append(element);
  return element;
}

/** Sets and shows the text, or hides the element with it. Unchanged text is not announced again. */
function say(element: HTMLElement, text: string | null): void {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}

function offer(button: HTMLButtonElement, how: Offer): void {
  button.hidden = how === "none";
  // Not `disabled`: a disabled button loses the focus, and with it a keyboard user their place.
  const busy = String(how === "busy");
  button.setAttribute("aria-disabled", busy);
  button.setAttribute("aria-busy", busy);
}

function localTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const today = date.toDateString() === new Date().toDateString();
  return date.toLocaleString([], {
    ...(today ? {} : { dateStyle: "medium" }),
    timeStyle: "short",
  });
}

/** Draws the page's card into `host` and keeps it current until the signal aborts. */
export function mountCard(host: HTMLElement, page: Page, signal: AbortSignal): void {
  const root = document.createElement("div");
  root.className = "auth0-widget";
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Auth0 login");
  root.tabIndex = -1;

  const person = add(root, "div", "person");
  const portrait = add(person, "div", "portrait");
  portrait.setAttribute("aria-hidden", "true");
  const names = add(person, "div", "names");
  const name = add(names, "strong", "name");
  const nickname = add(names, "span", "muted");
  const email = add(names, "span", "muted");
  for (const element of [name, nickname, email]) element.dir = "auto";

  const words = add(root, "div", "words");
  const status = add(words, "p", "status");
  status.setAttribute("role", "status");
  const alert = add(root, "div", "alert");
  alert.setAttribute("role", "alert");
  const message = add(alert, "strong", "message");
  const nextStep = add(alert, "span", "next");
  const code = add(alert, "code", "code");
  const ends = add(words, "p", "muted");
  const note = add(words, "p", "muted");

  const actions = add(root, "div", "actions");
  const button = (label: string, kind: string, act: () => void): HTMLButtonElement => {
    const element = add(actions, "button", kind);
    element.type = "button";
    element.textContent = label;
    element.addEventListener(
      "click",
      () => {
        // Safari does not focus a clicked button; without that there is no focus to come back to.
        element.focus();
        if (element.getAttribute("aria-disabled") !== "true") act();
      },
      { signal },
    );
    return element;
  };
  const login = button("Log in", "primary", page.login);
  const show = button("Show window", "primary", page.showPopup);
  const cancel = button("Cancel", "plain", page.cancel);
  const logout = button("Log out", "plain", page.logout);

  const full = add(root, "details", "full");
  add(full, "summary", "summary").textContent = "Full profile";
  const profile = add(full, "pre", "profile");
  profile.tabIndex = 0;

  function drawPerson(card: Card | null): void {
    person.hidden = full.hidden = card === null;
    say(ends, card?.id_token_expires_at ? sessionEnd(card, card.id_token_expires_at) : null);
    if (card === null) {
      // Nothing personal stays in the page after a logout, hidden or not.
      for (const element of [portrait, name, nickname, email, profile]) element.textContent = "";
      full.open = false;
      return;
    }
    drawPortrait(portrait, card);
    say(name, card.name ?? card.nickname ?? card.email);
    say(nickname, card.nickname === name.textContent ? null : card.nickname);
    say(email, card.email === name.textContent ? null : card.email);
    say(profile, JSON.stringify(card.profile, null, 2));
  }

  function draw(view: View): void {
    drawPerson(view.card);
    say(status, view.status);
    alert.hidden = view.problem === null;
    say(message, view.problem?.message ?? null);
    say(nextStep, view.problem?.next_step ?? null);
    say(code, view.problem?.code ?? null);
    say(note, view.note);
    offer(login, view.login);
    show.hidden = cancel.hidden = !view.popup;
    offer(logout, view.logout);
    actions.hidden = [login, cancel, logout].every((element) => element.hidden);
  }

  function refresh(): void {
    const focused = (root.getRootNode() as Document | ShadowRoot).activeElement;
    draw(viewOf(page.snapshot()));
    if (focused && root.contains(focused) && focused.closest("[hidden]")) {
      const next = [show, login, logout].find((element) => !element.hidden);
      (next ?? root).focus();
    }
  }

  host.append(root);
  refresh();
  page.subscribe(refresh, signal);
  signal.addEventListener("abort", () => root.remove());
}

function sessionEnd(card: Card, idTokenEnd: number): string {
  const end = `Session ends at ${localTime(idTokenEnd)}`;
  return card.renewable ? `${end}, then renews itself` : end;
}

/** Draws the card. Elements are updated in place, so that focus and unfolded details stay. */

import { cardContent } from "./card_content";
import { mountDevice } from "./device";
import { add, frame, frameClass, setButton, setText } from "./dom";
import type { Show } from "./messages";
import type { Page } from "./page";
import { mountPerson } from "./person";
import { mountWays } from "./ways";

/**
 * Draws the page's card into `host` and keeps it current until the signal aborts.
 *
 * How much of it is shown is what the notebook's author chose, unless `show` says otherwise.
 */
export function mountCard(host: HTMLElement, page: Page, signal: AbortSignal, show?: Show): void {
  const root = frame("card");
  const head = add(root, "div", "head");
  const words = add(root, "div", "words");
  const status = add(words, "p", "status");
  status.setAttribute("role", "status");
  const alert = add(root, "div", "alert");
  alert.setAttribute("role", "alert");
  const message = add(alert, "strong", "message");
  const nextStep = add(alert, "span", "next");
  const code = add(alert, "code", "code");
  const device = mountDevice(add(root, "div", "device"));
  const note = add(root, "p", "note");

  const actions = add(root, "div", "actions");
  const button = (label: string, kind: string, act: () => void): HTMLButtonElement => {
    const element = add(actions, "button", kind);
    element.type = "button";
    element.textContent = label;
    element.addEventListener(
      "click",
      () => {
        // Safari does not focus a button on a click, and the focus has to return here later.
        element.focus();
        if (element.getAttribute("aria-disabled") !== "true") act();
      },
      { signal },
    );
    return element;
  };
  const login = button("Log in", "primary", () =>
    page.snapshot().way === "window" ? page.openWindow() : page.useCode(),
  );
  const ways = mountWays(actions, root, page, signal);
  const showWindow = button("Show window", "primary", page.showPopup);
  const callbackPage = button("Use the callback page", "plain", page.useCallbackPage);
  const useCode = button("Use a code instead", "plain", page.useCode);
  const cancel = button("Cancel", "plain", page.cancel);
  const logout = button("Log out", "plain", page.logout);
  const person = mountPerson(head, words, add(root, "div", "foot"));

  function draw(): void {
    const snapshot = page.snapshot();
    const content = cardContent(snapshot);
    root.className = frameClass(show ?? snapshot.show);
    root.classList.toggle("a0w-urgent", content.urgent);
    root.classList.toggle("a0w-known", content.card !== null);
    person.draw(content.card, content.usable);
    device.draw(content.device);
    setText(status, content.status);
    alert.hidden = content.problem === null;
    setText(message, content.problem?.message);
    setText(nextStep, content.problem?.next_step);
    setText(code, content.problem?.code);
    setText(note, content.note);
    login.textContent = content.loginAgain ? "Log in again" : "Log in";
    setButton(login, content.login);
    ways.draw(content, snapshot.linkUrl);
    showWindow.hidden = !content.popup;
    setButton(callbackPage, content.callbackPage);
    setButton(useCode, content.code);
    cancel.hidden = !content.cancel;
    setButton(logout, content.logout);
    actions.hidden = [...actions.children].every((element) => (element as HTMLElement).hidden);
  }

  function refresh(): void {
    const focused = (root.getRootNode() as Document | ShadowRoot).activeElement;
    draw();
    if (focused && root.contains(focused) && focused.closest("[hidden]")) {
      const next = [showWindow, device.link, login, ways.link, cancel, logout].find(
        (element) => !element.closest("[hidden]"),
      );
      (next ?? root).focus();
    }
  }

  host.append(root);
  refresh();
  page.subscribe(refresh, signal);
  const clock = setInterval(() => {
    person.tick();
    device.tick();
  }, 1000);
  signal.addEventListener("abort", () => {
    clearInterval(clock);
    root.remove();
  });
}

/** Creates and changes elements of the card. Text is set as text only, without invisible characters. */

import type { ButtonState } from "./card_content";
import type { Show } from "./messages";
import { visible } from "./visible";

type Tag = keyof HTMLElementTagNameMap;

/** The class of the card's outermost element. */
export function frameClass(show: Show): string {
  return `auth0-widget a0w-${show}`;
}

/** The card's outermost element. */
export function frame(show: Show): HTMLDivElement {
  const root = document.createElement("div");
  root.className = frameClass(show);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Auth0 login");
  root.tabIndex = -1;
  return root;
}

/** A new element in `parent`, with our class of that name. */
export function add<K extends Tag>(
  parent: Element,
  tag: K,
  name: string,
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = `a0w-${name}`;
  parent.append(element);
  return element;
}

/** Sets and shows the text, or hides the element with it. Unchanged text is not announced again. */
export function setText(element: HTMLElement, text: string | null = null): void {
  const shown = visible(text ?? "");
  if (element.textContent !== shown) element.textContent = shown;
  element.hidden = !shown;
}

/** Hides a button, or shows it as busy or ready. */
export function setButton(button: HTMLButtonElement, state: ButtonState): void {
  button.hidden = state === "hidden";
  // Not `disabled`: a disabled button loses the focus, and with it a keyboard user their place.
  const busy = String(state === "busy");
  button.setAttribute("aria-disabled", busy);
  button.setAttribute("aria-busy", busy);
}

/** A `details` element with this summary, and the element for its content. */
export function addDetails<K extends Tag>(
  parent: Element,
  summary: string,
  tag: K,
  name: string,
): { details: HTMLDetailsElement; content: HTMLElementTagNameMap[K] } {
  const details = add(parent, "details", "fold");
  add(details, "summary", "summary").textContent = summary;
  return { details, content: add(details, tag, name) };
}

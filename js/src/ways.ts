/** Log in as a link, and the other ways to log in, which are folded away. */

import type { CardContent } from "./card_content";
import { add, addDetails } from "./dom";
import type { Page } from "./page";

export interface WaysView {
  /** Log in as a link. */
  readonly link: HTMLElement;
  /** Shows the ways in the content. Links open `url`. */
  draw(content: CardContent, url: string | null): void;
}

/** Adds Log in as a link to `actions`, and the other ways to `frame`. */
export function mountWays(
  actions: HTMLElement,
  frame: HTMLElement,
  page: Page,
  signal: AbortSignal,
): WaysView {
  function addLink(parent: HTMLElement, label: string, kind: string): HTMLAnchorElement {
    const link = add(parent, "a", kind);
    link.textContent = label;
    link.target = "_blank";
    link.rel = "noreferrer";
    // The browser opens the link. VS Code handles the click and opens it in a browser.
    link.addEventListener("click", page.followLink, { signal });
    return link;
  }

  function addButton(label: string, act: () => void): HTMLButtonElement {
    const button = add(list, "button", "plain");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", act, { signal });
    return button;
  }

  const link = addLink(actions, "Log in", "primary");
  const { details, content: list } = addDetails(frame, "Other ways to log in", "div", "actions");
  const others = {
    window: addButton("Use a window instead", page.openWindow),
    link: addLink(list, "Use a link instead", "plain"),
    code: addButton("Use a code instead", page.useCode),
  };

  return {
    link,
    draw(content, url) {
      link.hidden = !content.link;
      link.textContent = content.loginAgain ? "Log in again" : "Log in";
      for (const each of [link, others.link]) {
        if (url) each.href = url;
        else each.removeAttribute("href");
      }
      details.hidden = content.others.length === 0;
      others.window.hidden = !content.others.includes("window");
      others.link.hidden = !content.others.includes("link");
      others.code.hidden = !content.others.includes("code");
    },
  };
}

/** Shown in place of the card until its code has been fetched. In a saved notebook it stays. */

import { CONNECTING, NO_KERNEL } from "./card_content";
import { add, frame, setText } from "./dom";
import { KERNEL_TIMEOUT_MS } from "./page";

/** Draws the placeholder into `host`. Returns the function that removes it. */
export function mountPlaceholder(host: HTMLElement, failed: Promise<unknown>): () => void {
  const root = frame("card");
  const status = add(add(root, "div", "words"), "p", "status");
  status.setAttribute("role", "status");
  setText(status, CONNECTING);
  const timer = setTimeout(setText, KERNEL_TIMEOUT_MS, status, NO_KERNEL);
  failed.catch((error) => {
    clearTimeout(timer);
    setText(status, `This page does not let the card be drawn: ${error.message}`);
  });
  host.append(root);
  return () => {
    clearTimeout(timer);
    root.remove();
  };
}

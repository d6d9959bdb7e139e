/** The picture of a person, or their initials if there is no picture. */

import type { Card } from "./messages";
import { isSafe } from "./urls";
import { canBeSeen } from "./visible";

/** The URL of the picture if it is safe to load: https, an inline image, or http on this machine. */
export function safePicture(picture: string | null): string | null {
  const safe = picture !== null && (isSafe(picture) || /^data:image\//i.test(picture));
  return safe ? picture : null;
}

/** The name to show for a person: of the fields that name them, the first one that can be seen. */
export function nameOf({ name, nickname, email, subject }: Card): string {
  return [name, nickname, email].find(canBeSeen) ?? subject;
}

/** Up to two letters: of the first and the last word of the person's name. */
export function initials(card: Card): string {
  const words = nameOf(card).trim().split(/\s+/);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  // Spreading takes whole code points, so that a letter outside the BMP is not cut in half.
  return (
    ends
      .map((word) => [...(word ?? "")].find(canBeSeen) ?? "")
      .join("")
      // Not Georgian letters: names are written without capitals, which most fonts lack.
      .replace(/[^\u10d0-\u10ff]+/g, (letters) => letters.toUpperCase())
  );
}

/** Shows the card's picture in `frame`, or its initials when there is none or it does not load. */
export function drawPortrait(frame: HTMLElement, card: Card): void {
  const source = safePicture(card.picture);
  const shown = frame.querySelector("img");
  if (source !== null && shown?.getAttribute("src") === source) return;
  frame.textContent = initials(card);
  if (source === null) return;
  const image = document.createElement("img");
  // The name is next to the picture. The picture's host does not learn the page's URL.
  image.alt = "";
  image.referrerPolicy = "no-referrer";
  // Requests the picture without cookies. If the host requires them, the initials stay.
  image.crossOrigin = "anonymous";
  image.addEventListener("load", () => frame.replaceChildren(image), { once: true });
  image.src = source;
}

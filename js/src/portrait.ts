/** The picture of a person, with initials where there is no picture to show. */

import type { Card } from "./messages";
import { isSafe } from "./urls";

/** The picture's URL if a browser may load it: https, an inline image, or plain http on loopback. */
export function safePicture(picture: string | null): string | null {
  const safe = picture !== null && (isSafe(picture) || /^data:image\//i.test(picture));
  return safe ? picture : null;
}

/** Up to two letters for a person: of the first and the last word of what they are called. */
export function initials({ name, nickname, email, subject }: Card): string {
  const words = (name || nickname || email || subject).trim().split(/\s+/);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  // Spreading takes whole code points, so that a letter outside the BMP is not cut in half.
  return (
    ends
      .map((word) => [...(word ?? "")][0] ?? "")
      .join("")
      // Georgian names are written without the capitals that Unicode has and most fonts lack.
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
  // The name stands beside it; and the host of the picture need not learn where it is looked at.
  image.alt = "";
  image.referrerPolicy = "no-referrer";
  // Without cookies; a host that does not serve its pictures to everybody shows initials instead.
  image.crossOrigin = "anonymous";
  image.addEventListener("load", () => frame.replaceChildren(image), { once: true });
  image.src = source;
}

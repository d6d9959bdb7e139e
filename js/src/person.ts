/** The part of the card that shows the person and their session. */

import { add, addDetails, setText } from "./dom";
import type { Card } from "./messages";
import { drawPortrait, nameOf } from "./portrait";
import { accessTokenEnd, idTokenEnd } from "./times";
import { canBeSeen, visible } from "./visible";

/** The elements of a person. */
export interface PersonView {
  /** Shows the person, and the details of the session if it can be used. */
  draw(card: Card | null, usable: boolean): void;
  /** Shows how long the session still lasts. */
  tick(): void;
}

/** Adds the names to `head`, the expiry times to `times`, and the folded details to `foot`. */
export function mountPerson(head: Element, times: Element, foot: Element): PersonView {
  const person = add(head, "div", "person");
  const portrait = add(person, "div", "portrait");
  portrait.setAttribute("aria-hidden", "true");
  const names = add(person, "div", "names");
  const name = add(names, "strong", "name");
  const nickname = add(names, "span", "muted");
  const email = add(names, "span", "muted");
  for (const element of [name, nickname, email]) element.dir = "auto";

  // No live regions: a screen reader would read the time out every second.
  const accessToken = add(times, "p", "muted");
  const idToken = add(times, "p", "muted");

  const rights = addDetails(foot, "Scopes and audience", "div", "rights");
  const scope = add(rights.content, "p", "value");
  const audience = add(rights.content, "p", "value");
  const full = addDetails(foot, "Full profile", "pre", "profile");
  const note = add(full.details, "p", "muted");
  full.content.before(note);
  full.content.tabIndex = 0;
  full.content.setAttribute("role", "group");
  full.content.setAttribute("aria-label", "Full profile");

  let shown: Card | null = null;

  function tick(): void {
    const now = Date.now() / 1000;
    setText(accessToken, shown && accessTokenEnd(shown, now));
    setText(idToken, shown && idTokenEnd(shown, now));
  }

  return {
    tick,
    draw(card, usable) {
      person.hidden = card === null;
      shown = usable ? card : null;
      for (const { details } of [rights, full]) details.hidden = shown === null;
      tick();
      if (shown === null) {
        // No personal data stays in hidden elements.
        for (const element of [scope, audience, note, full.content]) element.textContent = "";
        for (const { details } of [rights, full]) details.open = false;
      } else {
        setText(scope, `Scopes: ${shown.scope}`);
        setText(audience, `Audience: ${shown.audience ?? "none, for the profile only"}`);
        setText(note, shown.profile_note);
        setText(full.content, JSON.stringify(shown.profile, null, 2));
      }
      if (card === null) {
        for (const element of [portrait, name, nickname, email]) element.textContent = "";
        return;
      }
      drawPortrait(portrait, card);
      setText(name, nameOf(card));
      for (const [element, text] of [
        [nickname, card.nickname],
        [email, card.email],
      ] as const)
        setText(element, canBeSeen(text) && visible(text) !== name.textContent ? text : null);
    },
  };
}

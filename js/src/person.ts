/** Who is logged in: the part of the card that shows a person and what their session is good for. */

import { add, addDetails, setText } from "./dom";
import type { Card } from "./messages";
import { drawPortrait } from "./portrait";
import { accessTokenEnd, idTokenEnd } from "./times";
import { visible } from "./visible";

/** The elements of a person, in the order in which they stand in the card. */
export interface PersonView {
  /** Shows the person, and what the session is good for if it can be used. */
  draw(card: Card | null, usable: boolean): void;
  /** Shows how long the session still lasts. */
  tick(): void;
}

/** Who it is goes into `head`, until when into `times`, what is folded away into `foot`. */
export function mountPerson(head: Element, times: Element, foot: Element): PersonView {
  const person = add(head, "div", "person");
  const portrait = add(person, "div", "portrait");
  portrait.setAttribute("aria-hidden", "true");
  const names = add(person, "div", "names");
  const name = add(names, "strong", "name");
  const nickname = add(names, "span", "muted");
  const email = add(names, "span", "muted");
  for (const element of [name, nickname, email]) element.dir = "auto";

  // No live regions: a clock that is read out each second drowns everything else.
  const accessToken = add(times, "p", "muted");
  const idToken = add(times, "p", "muted");

  const rights = addDetails(foot, "Scopes and audience", "div", "rights");
  const scope = add(rights.content, "p", "value");
  const audience = add(rights.content, "p", "value");
  const full = addDetails(foot, "Full profile", "pre", "profile");
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
        // Nothing personal stays in the page after its time, hidden or not.
        for (const element of [scope, audience, full.content]) element.textContent = "";
        for (const { details } of [rights, full]) details.open = false;
      } else {
        setText(scope, `Scopes: ${shown.scope}`);
        setText(audience, `Audience: ${shown.audience ?? "none, for the profile only"}`);
        setText(full.content, JSON.stringify(shown.profile, null, 2));
      }
      if (card === null) {
        for (const element of [portrait, name, nickname, email]) element.textContent = "";
        return;
      }
      drawPortrait(portrait, card);
      setText(name, card.name || card.nickname || card.email || card.subject);
      for (const [element, text] of [
        [nickname, card.nickname],
        [email, card.email],
      ] as const)
        setText(element, text && visible(text) !== name.textContent ? text : null);
    },
  };
}

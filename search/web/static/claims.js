// Reads the claims that a page shows: the words that a person can see, each below an element with `data-claim`.
//
// An element that is not rendered is not shown, whatever its text is. Words that stand for a code are turned back into the
// codes that have this label in the page's language; all else is taken letter for letter.

/** [[path below credentialSubject, possible values]] of what is visible below `root`; `labels`: claim -> label -> codes. */
export function readClaims(root, labels) {
  const shown = Array.from(root.querySelectorAll("[data-claim]")).filter(isVisible);
  return shown.map((element) => {
    const path = element.dataset.claim;
    const words = element.innerText;
    const codes = labels?.[path.split("/").at(-1)] ?? {};
    return [path, Object.hasOwn(codes, words) ? codes[words] : [words]];
  });
}

function isVisible(element) {
  return element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: false });
}

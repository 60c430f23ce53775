// The words of the offline verifier, in the language that the reader takes: by #en or #fr, else that of the browser.

const all = JSON.parse(document.getElementById("words").textContent);
const asked = window.location.hash.slice(1);
const own = navigator.language.startsWith("fr") ? "fr" : "en";

export const { labels, answerWords, page } = all[Object.hasOwn(all, asked) ? asked : own];

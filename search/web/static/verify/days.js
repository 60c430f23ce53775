// Days and times as people write them, in the language of the page. Twin of search/views/days.py, which has the words.

const SPACE = "\u00a0";
const TIME = /^([0-9]{4})-(0[1-9]|1[0-2])-([0-9]{2})(?:[T ]([0-9:]{8})(?:Z| UTC))?$/;

/** A day or a time of UTC in words, which breaks before the time alone; anything else as it is. `days`: of labels.js. */
export function when(text, { months, forms }) {
  const parts = TIME.exec(text ?? "");
  if (parts === null) return text ?? "";
  const [, year, month, day, time] = parts;
  const said = filled(day === "01" ? forms.firstDay : forms.day, { day: Number(day), month: months[month], year }).replaceAll(" ", SPACE);
  return time === undefined ? said : filled(forms.time.replaceAll(" ", SPACE).replace(SPACE, " "), { day: said, time });
}

/** The words with what stands in braces; a value is never read for braces of its own. */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/**
 * E-mails and calendar files among those that were dropped: they become activities (`data-activities`), of the record
 * whose page it is (`data-on`). All mails go in one request, so that they are looked at together; calendars in another.
 */
const SORTS = [/\.(eml|mbox|msg)$/i, /\.ics$/i];

/** [[files of one sort], …, the other files], none of them empty but the last. */
export function sorted(form, files) {
  const others = [...files];
  if (!form.dataset.activities) return [[], others];
  const groups = SORTS.map((sort) => others.filter((file) => sort.test(file.name))).filter((group) => group.length > 0);
  return [groups, others.filter((file) => !SORTS.some((sort) => sort.test(file.name)))];
}

/** The form's fields around files of one sort. */
export function body(form, files) {
  const data = new FormData();
  data.set("csrf_token", form.elements.csrf_token.value);
  if (form.dataset.on) data.set("on", form.dataset.on);
  for (const file of files) data.append("file", file, file.name);
  return data;
}

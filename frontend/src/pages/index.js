/**
 * Scripts of single screens. A page names itself in <body data-page> (its endpoint, unless the template says otherwise);
 * its module is fetched only there and exports `mount()`.
 */
const pages = {
  charts: () => import("../charts/index.js"),
  "deals.board": () => import("../board/index.js"),
  "deals.show": () => import("../board/stages.js"),
  "settings.edit_pipeline": () => import("../board/order.js"),
  "settings.update_pipeline": () => import("../board/order.js"),
  "meetings.show": () => import("../review/index.js"),
  "bin.list_": () => import("../bin/index.js"),
  "duplicates.compare": () => import("../duplicates/index.js"),
  "activities.show": () => import("../activities/people.js"),
  "imports.show": () => import("../imports/index.js"),
  "day.show": () => import("../tasks/day.js"),
  "minutes.show": () => import("../minutes/index.js"),
  "minutes.follow_up": () => import("../minutes/letter.js"),
};

/** `data-mounted` says that keys and clicks are heard from now on. */
export async function mountPage() {
  const load = pages[document.body.dataset.page];
  if (load) (await load()).mount();
  document.body.dataset.mounted = "";
}

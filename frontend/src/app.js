/** What every page runs. Each module watches the document itself, so content that arrives later needs no wiring. */
import "./js/net.js";
import "./js/theme-choice.js";
import "./js/toasts.js";
import "./js/menus.js";
import "./js/ahead.js";
import "./js/dialogs.js";
import "./js/focus.js";
import "./js/sidebar.js";
import "./js/shortcuts.js";
import "./js/forms.js";
import "./js/drafts.js";
import "./js/lists.js";
import "./js/dropzone.js";
import "./js/picker.js";
import "./js/rows.js";
import "./list/index.js";
import "./duplicates/known.js";
import "./record/inline.js";
import "./record/row.js";
import "./record/panel.js";
import "./record/beside.js";
import "./palette/index.js";
import "./tasks/bell.js";
import "./tasks/due.js";
import "./widget/launcher.js";
import { mountPage } from "./pages/index.js";

mountPage();

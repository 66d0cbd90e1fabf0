// The page of a recorded run.
import { Recorded } from "./recorded.mjs";
import { Viewer } from "./viewer.mjs";

const viewer = new Viewer();
Recorded.open(document.getElementById("data").textContent).then(
  (source) => {
    document.getElementById("title").textContent = source.meta.title;
    document.title = `${source.meta.title}: Limpid trace`;
    return viewer.open(source);
  },
  (error) => viewer.say(`The trace cannot be read: ${error.message}`),
);

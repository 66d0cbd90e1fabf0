// The browser of the tests: the packages are in the folder MODULES, the browser is BROWSER.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const modules = path.resolve(process.env.MODULES);
const require = createRequire(path.join(modules, "x.js"));
const { chromium } = require(path.join(modules, "playwright-core"));

/** The text of the package that looks for faults of accessibility. */
export const axe = fs.readFileSync(path.join(modules, "axe-core/axe.min.js"), "utf8");

/** Starts the browser, without a window. */
export function launch() {
  const name = process.env.BROWSER;
  const inFolder = (folder) => path.join(folder, name);
  const isThere = (file) => fs.existsSync(file);
  const executablePath = name.includes("/") ? name : process.env.PATH.split(":").map(inFolder).find(isThere);
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

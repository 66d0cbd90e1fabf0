// Photographs a page at a time: `node picture.mjs PAGE TIME light|dark FILE`, with the folder of the
// packages in MODULES and the browser in BROWSER. `cargo xtask pictures` calls it.
import path from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "./launch.mjs";

const [file, time, colorScheme, picture] = process.argv.slice(2);
const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme, reducedMotion: "reduce" });
const page = await context.newPage();
await page.goto(`${pathToFileURL(path.resolve(file)).href}#t=${time}`);
await page.waitForFunction((time) => document.querySelector("#status").textContent.startsWith(`Time ${time}.`), time);
await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100))));
await page.screenshot({ path: picture, fullPage: true });
await browser.close();

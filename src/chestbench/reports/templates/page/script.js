"use strict";
// Tables with buttons in their heads are sorted by data-v, and where that is not given by their text; what has no value
// stays last. Without this script the tables stand in the order of the study.
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th"), table = head.closest("table"), body = table.tBodies[0];
    const place = head.cellIndex, now = head.getAttribute("aria-sort");
    const falling = now ? now === "ascending" : head.dataset.first !== "up";
    const key = (row) => {
      const cell = row.cells[place];
      if (!("v" in cell.dataset)) return cell.textContent.trim();
      return cell.dataset.v === "" ? null : Number(cell.dataset.v);
    };
    const rows = [...body.rows].sort((a, b) => {
      const x = key(a), y = key(b);
      if (x === null || y === null) return (x === null) - (y === null);
      const order = typeof x === "number" ? x - y : x.localeCompare(y);
      return falling ? -order : order;
    });
    for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
    body.append(...rows);
  });
}
// The values of the curves where the pointer is.
const tip = document.createElement("div");
tip.id = "tip"; tip.hidden = true; tip.setAttribute("aria-hidden", "true"); document.body.append(tip);
for (const chart of document.querySelectorAll("svg.chart[data-axes]")) {
  const [left, right, bottom, top, x0, x1, y0, y1] = chart.dataset.axes.split(" ").map(Number);
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect(), view = chart.viewBox.baseVal;
    const at = (event.clientX - box.left) / box.width * view.width;
    if (at < left - 4 || at > right + 4) { tip.hidden = true; return; }
    const told = [((at - left) / (right - left) * (x1 - x0) + x0).toFixed(2)];
    for (const line of chart.querySelectorAll("[data-name]")) {
      let near = null;
      for (const point of line.points) if (near === null || Math.abs(point.x - at) < Math.abs(near.x - at)) near = point;
      if (near) told.push(line.dataset.name + " " + ((bottom - near.y) / (bottom - top) * (y1 - y0) + y0).toFixed(3));
    }
    tip.textContent = told.join("\n"); tip.hidden = false;
    tip.style.left = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 4) + "px";
    tip.style.top = event.clientY + 14 + "px";
  });
  chart.addEventListener("pointerleave", () => { tip.hidden = true; });
}
// What is folded is printed too, and a link to a folded part opens it.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const part of folded) part.open = true;
});
addEventListener("afterprint", () => { for (const part of folded) part.open = false; });
const unfold = () => {
  const part = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (part && part.closest("details")) { part.closest("details").open = true; part.scrollIntoView(); }
};
addEventListener("hashchange", unfold);
unfold();

"use strict";
// Hot spots and trends: colours, numbers and sentences come from REPORT; a sentence or a row shows its place on the map.
(() => {
  const $ = (selector) => document.querySelector(selector);
  const map = window.map_city;
  const layer = window.geo_json_areas;
  const rings = window.geo_json_rings;
  const shapes = {};

  function made(tag, text, name) {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    if (name) node.className = name;
    return node;
  }
  function lines(node, said) {
    node.append(said[0] || "");
    for (const more of said.slice(1)) node.append(made("span", more));
    return node;
  }
  function mark(button) {
    for (const other of document.querySelectorAll(".on")) other.classList.remove("on");
    button.classList.add("on");
  }
  function show(places) {
    const found = places.map((i) => shapes[i]).filter(Boolean);
    if (found.length) map.fitBounds(L.featureGroup(found).getBounds(), { padding: [40, 40], maxZoom: 16 });
  }

  document.documentElement.lang = REPORT.language === "en" ? "en" : "zh-CN";
  document.title = REPORT.title;
  $("h1").textContent = REPORT.title;
  for (const line of REPORT.under) $("#under").append(made("div", line));
  for (const [value, label, note] of REPORT.figures) {
    const group = made("div");
    group.append(made("dt", value), made("dd", label));
    if (note) group.append(made("dd", note));
    $("#figures").append(group);
  }
  lines($("#key h2"), REPORT.key);
  for (const [colour, said, number] of REPORT.entries) {
    const item = made("li");
    const box = made("i");
    box.style.background = colour;
    item.append(box, lines(made("span"), said), made("span", number));
    $("#key ul").append(item);
  }
  if (REPORT.rings.length) {
    const item = made("li");
    item.append(made("i", "", "ring"), lines(made("span"), REPORT.rings), made("span"));
    $("#key ul").append(item);
  }
  for (const [number, said, places] of REPORT.sentences) {
    const item = made("li");
    const text = made(places.length ? "button" : "div");
    if (number) text.append(made("b", number));
    text.append(said);
    if (places.length) {
      text.type = "button";
      text.onclick = () => { mark(text); show(places); };
    }
    item.append(text);
    $("#said ol").append(item);
  }
  lines($("#twin-title"), REPORT.table.title);
  for (const [i, head] of REPORT.table.heads.entries()) $("thead tr").append(made("th", head, i ? "number" : ""));
  for (const { place, cells } of REPORT.table.rows) {
    const row = made("tr");
    cells.forEach((cell, i) => row.append(made("td", cell, i ? "number" : "")));
    row.tabIndex = 0;
    row.onclick = () => { mark(row); show([place]); };
    row.onkeydown = (event) => { if (event.key === "Enter") row.onclick(); };
    $("tbody").append(row);
  }
  for (const line of REPORT.foot) $("#foot").append(made("p", line));

  layer.eachLayer((shape) => {
    const i = shape.feature.properties.i;
    shapes[i] = shape;
    shape.setStyle({ fillColor: REPORT.colours[i], fillOpacity: 0.85, color: "#59636d", weight: 0.5, opacity: 0.6 });
    const tip = made("div");
    REPORT.tips[i].forEach((line, at) => tip.append(made(at ? "div" : "strong", line)));
    shape.bindTooltip(tip, { sticky: true });
  });
  if (window.geo_json_streets) window.geo_json_streets.setStyle({ color: "#8a949e", weight: 1, opacity: 0.35 });
  if (rings) {
    rings.setStyle({ fill: false, color: "#1c2126", weight: 2, opacity: 1 });
    rings.eachLayer((ring) => {
      const number = REPORT.numbers[ring.feature.properties.i];
      if (!number) return;
      const at = L.latLng(number[1], number[2]);
      L.marker(at, { interactive: false, icon: L.divIcon({ className: "number-mark", html: String(Number(number[0])), iconSize: [20, 20] }) }).addTo(map);
    });
  }
  map.invalidateSize();
  if (REPORT.bounds) map.fitBounds(REPORT.bounds, { padding: [12, 12] });
})();

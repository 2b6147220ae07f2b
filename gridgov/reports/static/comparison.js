"use strict";
// Two plans side by side: one state (language, chosen grid, metric, filters), drawn into two maps kept in step and
// three tables. Everything comes from REPORT.
(() => {
  const ROWS = 100;
  const SIDES = ["before", "after"];
  const WORDS = {
    zh: {
      other: "English", before: "左图", after: "右图", households: "户", scope: (r, n) => `${n} 个社区 · 制于 ${r.made}`,
      moved: "户换网格", of: "占全部住户", cases: "件在办案件换网格", grids: "个网格", lost: "户未划入网格", was: "原", ground: "变更的地块",
      totals: "指标合计", where: "社区", all: "全部社区之和", metric: "指标", left: "左", right: "右", diff: "差", gridTable: "逐个网格", shown: "只看有变化的",
      grid: "网格", community: "社区", fate: "去向", came: "划入户数", went: "划出户数", more: (n) => `显示全部（${n}）`, none: "没有变化。",
      groundTable: "换网格的地块", groundNote: "地块按户数排列，仅计户数与案件数，不涉及任何个人。", key: "地块", from: "原网格", to: "新网格", homes: "户数", open: "在办案件",
      nobody: "未划入", left0: (n) => `另有 ${n} 个地块未列出。`, inForce: "现行", otherGround: "两方案底图不同，按地块与面积对应。",
      with: "涉及", map: "地图", total: "合计", kinds: { building: "楼栋", unit: "单元", open: "空地", given: "地块" },
      foot: (r) => `由 gridgov 生成于 ${r.made}（${r.zone}）。本页不访问网络。底图为本市已载入的道路；不含审图号，仅供内部使用。地图：Leaflet。`,
    },
    en: {
      other: "中文", before: "Left", after: "Right", households: "households", scope: (r, n) => `${n} ${n === 1 ? "community" : "communities"} · made on ${r.made}`,
      moved: "households change their grid", of: "of all", cases: "open cases change theirs", grids: "grids", lost: "households without a grid", was: "before", ground: "ground that changes",
      totals: "Metrics in all", where: "Community", all: "all communities together", metric: "Metric", left: "Left", right: "Right", diff: "Difference", gridTable: "Grid by grid", shown: "changed ones only",
      grid: "Grid", community: "Community", fate: "What becomes of it", came: "Households in", went: "Households out", more: (n) => `Show all (${n})`, none: "Nothing changes.",
      groundTable: "Ground that changes its grid", groundNote: "Most households first. Households and cases are counted; nobody is named.", key: "Atom", from: "From", to: "To", homes: "Households", open: "Open cases",
      nobody: "none", left0: (n) => `${n} more are not listed.`, inForce: "in force", otherGround: "The two lie on different bases; they are matched by atoms and by area.",
      with: "with", map: "Map", total: "All", kinds: { building: "building", unit: "unit", open: "open ground", given: "given" },
      foot: (r) => `Made by gridgov on ${r.made} (${r.zone}). This page uses no network. The base is the city's own street lines; for internal use. Map: Leaflet.`,
    },
  };
  const UNITS = {
    households: "户", share: "比例", "0 to 1": "0 至 1", metres: "米", cases: "件", "cases a month": "件/月",
    "cases a month and worker": "件/月·人", holes: "个",
  };
  // Sums over communities make sense of these; of the others the mean weighted by grids is shown.
  const SUMMED = new Set(["households", "cases_month", "boundary_price", "holes", "households_moved", "open_cases", "open_cases_moved", "grids", "unassigned_atoms", "unassigned_households"]);

  const $ = (selector) => document.querySelector(selector);
  const make = (tag, values = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), values);
    made.append(...children);
    return made;
  };
  const maps = { before: window.map_before, after: window.map_after };
  const layers = {};
  for (const side of SIDES) layers[side] = Object.fromEntries(["streets", "grids", "moved"].map((name) => [name, window[`geo_json_${side}_${name}`]]));
  const state = {
    language: "zh", metric: "households", community: -1, changed: true, on: null, hidden: new Set(),
    grids: { by: "went", rising: false, all: false }, ground: { by: "homes", rising: false, all: false },
  };
  const words = () => WORDS[state.language];
  const zh = () => state.language === "zh";
  const number = (value, digits = 0) => (value === null || value === undefined ? "–" : value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  const digitsOf = (value) => (value === null || value === undefined || Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 3 : 1);
  const figure = (value) => number(value, digitsOf(value));
  const signed = (value) => {
    if (value === null || value === undefined) return "–";
    const text = figure(Math.abs(value));
    return /[1-9]/.test(text) ? (value > 0 ? "+" : "−") + text : "±0";
  };
  const gridName = (grid) => (grid === null ? "–" : grid[1] || (zh() ? grid[2] || grid[3] : grid[3] || grid[2]) || `#${grid[0]}`);
  const gridMore = (grid) => (grid && grid[1] ? (zh() ? grid[2] || grid[3] : grid[3] || grid[2]) : "");
  const placeName = (c) => REPORT.communities[c][zh() ? "zh" : "en"];
  const fateWord = (fate) => REPORT.fates[fate][zh() ? 0 : 1];
  const pairOf = { before: new Map(), after: new Map() };
  REPORT.grids.forEach((pair, at) => {
    for (const side of SIDES) if (pair[side]) pairOf[side].set(`${pair.c}:${pair[side][0]}`, at);
  });
  const drafted = (side, c, n) => {
    const at = pairOf[side].get(`${c}:${n}`);
    return at === undefined ? null : REPORT.grids[at][side];
  };

  // ------------------------------------------------------------------------------------------------------- the maps
  const shapesOf = REPORT.grids.map(() => ({ before: [], after: [] }));
  function styleMaps() {
    for (const side of SIDES) {
      layers[side].streets.eachLayer((line) => line.getElement() && line.getElement().setAttribute("class", "leaflet-interactive street"));
      layers[side].grids.eachLayer((shape) => {
        const { c, n } = shape.feature.properties;
        const at = pairOf[side].get(`${c}:${n}`);
        const fate = at === undefined ? "same" : REPORT.grids[at].fate;
        const dim = state.hidden.has(fate) ? "same" : fate;
        const element = shape.getElement();
        if (element) element.setAttribute("class", `leaflet-interactive grid ${dim}${state.on !== null && at === state.on ? " on" : ""}`);
        if (state.on !== null && at === state.on) shape.bringToFront();
      });
      layers[side].moved.eachLayer((shape) => {
        const element = shape.getElement();
        if (!element) return;
        element.setAttribute("class", "leaflet-interactive moved");
        element.style.display = state.hidden.has("ground") ? "none" : "";
        element.style.pointerEvents = "none";
      });
    }
  }
  // The name of a grid, and its households below it, where there is room.
  const names = { before: L.layerGroup().addTo(maps.before), after: L.layerGroup().addTo(maps.after) };
  function drawNames() {
    for (const side of SIDES) {
      names[side].clearLayers();
      const map = maps[side];
      const view = map.getBounds();
      const taken = [];
      layers[side].grids.eachLayer((shape) => {
        const box = shape.getBounds();
        if (!view.intersects(box)) return;
        const { c, n } = shape.feature.properties;
        const at = pairOf[side].get(`${c}:${n}`);
        if (at === undefined) return;
        const grid = REPORT.grids[at][side];
        const name = gridName(grid);
        const short = name.length > 12 ? `…${name.slice(-6)}` : name;
        const corner = map.latLngToLayerPoint(box.getNorthWest());
        const size = map.latLngToLayerPoint(box.getSouthEast()).subtract(corner);
        const room = 7.5 * [...short].reduce((sum, ch) => sum + (ch.charCodeAt(0) > 255 ? 1.7 : 1), 0);
        if (size.x < room || size.y < 18) return;
        const place = middle(shape);
        const on = map.latLngToLayerPoint(place);
        const tall = size.y > 40;
        const frame = L.bounds(on.subtract([room / 2, tall ? 16 : 8]), on.add([room / 2, tall ? 16 : 8]));
        if (taken.some((other) => other.overlaps(frame))) return;
        taken.push(frame);
        const homes = REPORT.grids[at].metrics[side === "before" ? 0 : 1].households;
        const label = make("div", { className: "name", textContent: short });
        if (tall && homes !== undefined) label.append(make("small", { textContent: number(homes) }));
        L.marker(place, { icon: L.divIcon({ className: "", iconSize: [0, 0], html: label }), interactive: false, keyboard: false }).addTo(names[side]);
      });
    }
  }
  // Inside of the largest ring, halfway along the widest of a few lines across it: a bent grid may not hold its middle.
  function middle(shape) {
    const rings = [];
    const walk = (list) => (Array.isArray(list[0]) || (list[0] && list[0].lat === undefined) ? list.forEach(walk) : rings.push(list));
    walk(shape.getLatLngs());
    const ring = rings.reduce((best, one) => (L.latLngBounds(one).toBBoxString && span(one) > span(best) ? one : best), rings[0]);
    const box = L.latLngBounds(ring);
    let found = box.getCenter();
    let widest = 0;
    for (const part of [0.5, 0.4, 0.6, 0.3, 0.7]) {
      const lat = box.getSouth() + part * (box.getNorth() - box.getSouth());
      const crossed = [];
      ring.forEach((a, i) => {
        const b = ring[(i + 1) % ring.length];
        if (a.lat > lat !== b.lat > lat) crossed.push(a.lng + ((lat - a.lat) / (b.lat - a.lat)) * (b.lng - a.lng));
      });
      crossed.sort((x, y) => x - y);
      for (let i = 0; i + 1 < crossed.length; i += 2) {
        if (crossed[i + 1] - crossed[i] > widest * 1.15) {
          widest = crossed[i + 1] - crossed[i];
          found = L.latLng(lat, (crossed[i] + crossed[i + 1]) / 2);
        }
      }
    }
    return found;
  }
  function span(ring) {
    const box = L.latLngBounds(ring);
    return (box.getEast() - box.getWest()) * (box.getNorth() - box.getSouth());
  }
  let leading = null;
  for (const side of SIDES) {
    const map = maps[side];
    const other = maps[side === "before" ? "after" : "before"];
    map.attributionControl.setPrefix(false);
    map.getContainer().setAttribute("role", "region");
    $(side === "before" ? "#left" : "#right").append(map.getContainer());
    map.on("move", () => {
      if (leading !== null && leading !== map) return;
      leading = map;
      other.setView(map.getCenter(), map.getZoom(), { animate: false });
      leading = null;
    });
    map.on("moveend", drawNames);
    layers[side].grids.eachLayer((shape) => {
      const { c, n } = shape.feature.properties;
      const at = pairOf[side].get(`${c}:${n}`);
      if (at === undefined) return;
      shapesOf[at][side].push(shape);
      shape.bindTooltip(() => told(side, at), { sticky: true });
      shape.on("click", () => select(at, false));
    });
  }
  function told(side, at) {
    const pair = REPORT.grids[at];
    const homes = pair.metrics[side === "before" ? 0 : 1].households;
    return make("div", {}, make("strong", { textContent: `${gridName(pair[side])} ${gridMore(pair[side])}` }), make("br"), `${number(homes)} ${words().households} · ${fateWord(pair.fate)}`);
  }
  function select(at, move) {
    state.on = state.on === at && !move ? null : at;
    const shapes = [...shapesOf[at].before, ...shapesOf[at].after];
    if (move && shapes.length) maps.after.fitBounds(shapes.reduce((box, one) => box.extend(one.getBounds()), L.latLngBounds([])), { padding: [60, 60], maxZoom: 17, animate: false });
    styleMaps();
    drawGrids();
    const row = $("#grids tr.on");
    if (!move && row) row.scrollIntoView({ block: "nearest" });
    if (move) $("#maps").scrollIntoView({ block: "nearest" });
  }

  // ----------------------------------------------------------------------------------------------------- the tables
  function heads(table, columns, held, draw) {
    const row = make("tr");
    for (const [key, word, numeric] of columns) {
      const head = make("th", { scope: "col", className: numeric ? "number" : "" });
      if (!held) head.append(make("span", { textContent: word }));
      else {
        if (held.by === key) head.setAttribute("aria-sort", held.rising ? "ascending" : "descending");
        head.append(make("button", { type: "button", textContent: word, onclick: () => {
          held.rising = held.by === key ? !held.rising : !numeric;
          held.by = key;
          draw();
        } }));
      }
      row.append(head);
    }
    table.tHead.replaceChildren(row);
  }
  function ordered(rows, held, read) {
    return [...rows].sort((a, b) => {
      const [x, y] = [read(a, held.by), read(b, held.by)];
      const missing = (value) => value === null || value === undefined;
      if (missing(x) || missing(y)) return missing(x) - missing(y);
      const order = typeof x === "string" ? x.localeCompare(y, state.language, { numeric: true }) : x - y;
      return held.rising ? order : -order;
    });
  }
  const cell = (row, text, numeric, more) => {
    const made = row.insertCell();
    made.className = numeric ? "number" : "text";
    made.append(text);
    if (more) made.append(make("small", { textContent: more }));
    return made;
  };
  function limit(section, held, count, draw) {
    const button = $(`${section} .more`);
    button.hidden = held.all || count <= ROWS;
    button.textContent = words().more(number(count));
    button.onclick = () => {
      held.all = true;
      draw();
    };
    return held.all ? count : ROWS;
  }

  function totalOf(side, name) {
    const some = state.community < 0 ? REPORT.communities : [REPORT.communities[state.community]];
    const known = some.map((one) => one.totals[side]).filter((totals) => totals[name] !== undefined);
    if (!known.length) return null;
    if (SUMMED.has(name)) return known.reduce((sum, one) => sum + one[name], 0);
    const weight = (one) => one.grids || 1;
    return known.reduce((sum, one) => sum + one[name] * weight(one), 0) / known.reduce((sum, one) => sum + weight(one), 0);
  }
  function drawTotals() {
    const table = $("#totals table");
    $("#totals h2").textContent = words().totals;
    $("#where span").textContent = words().where;
    $("#where").hidden = REPORT.communities.length < 2;
    const choice = $("#where select");
    choice.replaceChildren(make("option", { value: -1, textContent: words().all }), ...REPORT.communities.map((one, c) => make("option", { value: c, textContent: placeName(c) })));
    choice.value = state.community;
    heads(table, [["name", words().metric], ["left", words().left, true], ["right", words().right, true], ["diff", words().diff, true]], null);
    const body = document.createDocumentFragment();
    const lines = [["grids", "网格数", "Grids", words().grids], ...REPORT.metrics];
    for (const [name, chinese, english, unit] of lines) {
      const [before, after] = [totalOf(0, name), totalOf(1, name)];
      if (before === null && after === null) continue;
      const row = document.createElement("tr");
      cell(row, zh() ? chinese : english, false, zh() ? UNITS[unit] || unit : unit);
      cell(row, figure(before), true);
      cell(row, figure(after), true);
      cell(row, before === null || after === null ? "–" : signed(rounded(after - before)), true);
      body.append(row);
    }
    table.tBodies[0].replaceChildren(body);
  }
  const rounded = (value) => Number(value.toPrecision(6));

  function gridValue(pair, key) {
    if (key === "grid") return gridName(pair.after || pair.before);
    if (key === "community") return placeName(pair.c);
    if (key === "fate") return fateWord(pair.fate);
    if (key === "left" || key === "right") return pair.metrics[key === "left" ? 0 : 1][state.metric];
    if (key === "diff") {
      const [x, y] = pair.metrics.map((values) => values[state.metric]);
      return x === undefined || y === undefined ? null : rounded(y - x);
    }
    return pair[key];
  }
  function drawGrids() {
    const table = $("#grids table");
    $("#grids h2").textContent = words().gridTable;
    $("#metric span").textContent = words().metric;
    $("#changed span").textContent = words().shown;
    const choice = $("#metric select");
    choice.replaceChildren(...REPORT.metrics.map(([name, chinese, english]) => make("option", { value: name, textContent: zh() ? chinese : english })));
    choice.value = state.metric;
    const many = REPORT.communities.length > 1;
    const columns = [["grid", words().grid], ["community", words().community], ["fate", words().fate], ["left", words().left, true], ["right", words().right, true], ["diff", words().diff, true], ["came", words().came, true], ["went", words().went, true]].filter(([key]) => many || key !== "community");
    heads(table, columns, state.grids, drawGrids);
    const rows = ordered(REPORT.grids.map((pair, at) => ({ ...pair, at })).filter((pair) => (!state.changed || pair.fate !== "same") && !state.hidden.has(pair.fate)), state.grids, gridValue);
    const most = limit("#grids", state.grids, rows.length, drawGrids);
    const body = document.createDocumentFragment();
    for (const pair of rows.slice(0, most)) {
      const row = make("tr", { className: `go${pair.at === state.on ? " on" : ""}`, tabIndex: 0, onclick: () => select(pair.at, true) });
      row.onkeydown = (event) => event.key === "Enter" && select(pair.at, true);
      const grid = pair.after || pair.before;
      for (const [key, , numeric] of columns) {
        const value = gridValue(pair, key);
        if (key === "grid") cell(row, gridName(grid), false, gridMore(grid));
        else if (key === "fate") cell(row, "", false, pair.partners.length ? `${words().with} ${pair.partners.join("、")}` : "").prepend(make("i", { className: `swatch ${pair.fate}` }), ` ${value}`);
        else if (key === "diff") cell(row, signed(value), true);
        else cell(row, numeric ? figure(value) : value, numeric);
      }
      body.append(row);
    }
    if (!rows.length) body.append(make("tr", {}, make("td", { colSpan: columns.length, textContent: words().none })));
    table.tBodies[0].replaceChildren(body);
  }

  function groundValue(row, key) {
    const at = { key: 1, homes: 7, open: 8 }[key];
    if (key === "community") return placeName(row[0]);
    if (key === "from" || key === "to") return row[key === "from" ? 5 : 6] === null ? words().nobody : gridName(drafted(key === "from" ? "before" : "after", row[0], row[key === "from" ? 5 : 6]));
    return row[at];
  }
  function drawGround() {
    const table = $("#ground table");
    $("#ground h2").textContent = words().groundTable;
    $("#ground p").textContent = words().groundNote + (REPORT.groundLeft ? ` ${words().left0(number(REPORT.groundLeft))}` : "");
    const many = REPORT.communities.length > 1;
    const columns = [["key", words().key], ["community", words().community], ["from", words().from], ["to", words().to], ["homes", words().homes, true], ["open", words().open, true]].filter(([key]) => (many || key !== "community") && (REPORT.cases !== null || key !== "open"));
    heads(table, columns, state.ground, drawGround);
    const rows = ordered(REPORT.ground, state.ground, groundValue);
    const most = limit("#ground", state.ground, rows.length, drawGround);
    const body = document.createDocumentFragment();
    for (const one of rows.slice(0, most)) {
      const go = () => {
        maps.after.setView([one[4], one[3]], Math.max(maps.after.getZoom(), 17), { animate: false });
        $("#maps").scrollIntoView({ block: "nearest" });
      };
      const row = make("tr", { className: "go", tabIndex: 0, onclick: go });
      row.onkeydown = (event) => event.key === "Enter" && go();
      for (const [key, , numeric] of columns) {
        const value = groundValue(one, key);
        if (key === "key") cell(row, value, false, words().kinds[one[2]]);
        else cell(row, numeric ? number(value) : value, numeric);
      }
      body.append(row);
    }
    if (!rows.length) body.append(make("tr", {}, make("td", { colSpan: columns.length, textContent: words().none })));
    table.tBodies[0].replaceChildren(body);
  }

  // -------------------------------------------------------------------------------------------------------- the rest
  function drawFigures() {
    const one = (value, text) => make("div", {}, make("strong", { textContent: value }), make("span", { textContent: text }));
    const share = REPORT.households ? (100 * REPORT.moved) / REPORT.households : 0;
    const shown = [one(number(REPORT.moved), `${words().moved}（${words().of} ${number(share, 1)}%）`)];
    if (!zh()) shown[0].lastChild.textContent = `${words().moved} (${number(share, 1)}% ${words().of})`;
    if (REPORT.cases !== null) shown.push(one(number(REPORT.cases), words().cases));
    for (const fate of ["changed", "split", "merged", "new", "ended", "same"]) if (REPORT.counts[fate]) shown.push(one(number(REPORT.counts[fate]), zh() ? `${words().grids}${fateWord(fate)}` : `${words().grids} ${fateWord(fate)}`));
    if (REPORT.unassigned[1] || REPORT.unassigned[0]) shown.push(one(number(REPORT.unassigned[1]), `${words().lost}（${words().was} ${number(REPORT.unassigned[0])}）`));
    $("#figures").replaceChildren(...shown);
  }
  function drawKey() {
    const entries = [["ground", "hatch", words().ground], ...Object.keys(REPORT.fates).filter((fate) => fate !== "same" && REPORT.counts[fate]).map((fate) => [fate, fate, fateWord(fate)])];
    $("#key").replaceChildren(...entries.map(([key, look, text]) => {
      const count = REPORT.counts[key] === undefined ? "" : ` ${number(REPORT.counts[key])}`;
      const button = make("button", { type: "button", onclick: () => {
        if (!state.hidden.delete(key)) state.hidden.add(key);
        draw();
      } }, make("i", { className: `swatch ${look}` }), text + count);
      button.setAttribute("aria-pressed", String(!state.hidden.has(key)));
      return button;
    }));
  }
  function drawWords() {
    document.documentElement.lang = zh() ? "zh-CN" : "en";
    $("#language").textContent = words().other;
    $("#language").lang = zh() ? "en" : "zh-CN";
    const city = (zh() ? REPORT.city.zh : REPORT.city.en) || REPORT.city.zh || REPORT.city.en || "";
    const other = REPORT.communities.some((one) => !one.sameGround) ? ` · ${words().otherGround}` : "";
    $("#scope").textContent = `${city} · ${words().scope(REPORT, REPORT.communities.length)}${other}`;
    for (const [side, box, word] of [["before", "#left", "before"], ["after", "#right", "after"]]) {
      $(`${box} figcaption`).replaceChildren(make("small", { textContent: `${words()[word]} ` }), REPORT[side]);
      maps[side].getContainer().setAttribute("aria-label", `${words().map}: ${REPORT[side]}`);
    }
    for (const section of ["#totals", "#grids", "#ground"]) $(`${section} .scroll`).setAttribute("aria-label", $(`${section} h2`).textContent);
    $("#foot").textContent = words().foot(REPORT);
  }
  function draw() {
    drawFigures();
    drawKey();
    drawTotals();
    drawGrids();
    drawGround();
    drawWords();
    styleMaps();
    drawNames();
  }
  $("#language").onclick = () => {
    state.language = zh() ? "en" : "zh";
    draw();
  };
  $("#metric select").onchange = (event) => {
    state.metric = event.target.value;
    drawGrids();
  };
  $("#where select").onchange = (event) => {
    state.community = Number(event.target.value);
    drawTotals();
  };
  $("#changed input").onchange = (event) => {
    state.changed = event.target.checked;
    drawGrids();
  };
  const everything = [...SIDES.map((side) => layers[side].grids.getBounds())].reduce((box, one) => box.extend(one), L.latLngBounds([]));
  const fit = () => {
    maps.before.invalidateSize({ animate: false });
    maps.after.invalidateSize({ animate: false });
    if (everything.isValid()) maps.after.fitBounds(everything, { padding: [12, 12], animate: false });
  };
  fit();
  draw();
})();

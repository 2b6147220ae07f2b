"use strict";
// The density page: one state (level, measure, step, language), drawn into map, bars, key and table.
// Values come from REPORT; classes were computed with their breaks, so that every step uses the same ones.
(() => {
  const RAMP = ["#c6dbef", "#9ecae1", "#6baed6", "#3182bd", "#08519c"];
  const NONE = "#f1f2f3";
  const UNKNOWN = "#ffffff";
  const FILL = 0.8;
  const ROWS = 100;
  const WORDS = {
    zh: {
      other: "English", measure: "指标", count: "事件数", rate: "每百户事件数", whole: "全部时段", play: "▶ 播放", pause: "❚❚ 暂停",
      bars: { day: "每日事件数", week: "每周事件数", month: "每月事件数" }, key: "图例", none: "无", unknown: "无户数", areas: "个",
      map: "地图", table: "列表", name: "名称", homes: "户数", more: "显示全部", incidents: "件", all: "全部类别",
      unlocated: (n) => `其中 ${n} 件在辖区之外，不计入分区。`,
      than: (d) => (d === 0 ? "与平均持平" : d > 0 ? `比平均多 ${number(d)} 件` : `比平均少 ${number(-d)} 件`),
      note: "分级按非零值的五分位数；播放时各期使用同一组分级。", empty: "这一时段没有事件。", to: "至",
      foot: (r) => `由 gridgov 生成于 ${r.made}（${r.zone}）。本页不访问网络。底图为本市已载入的道路；不含审图号，仅供内部使用。地图：Leaflet。`,
    },
    en: {
      other: "中文", measure: "Measure", count: "Incidents", rate: "Per 100 households", whole: "Whole period", play: "▶ Play", pause: "❚❚ Pause",
      bars: { day: "Incidents a day", week: "Incidents a week", month: "Incidents a month" }, key: "Key", none: "none", unknown: "households unknown",
      areas: "areas", map: "Map", table: "Table", name: "Name", homes: "Households", more: "Show all", incidents: "incidents", all: "All categories",
      unlocated: (n) => `${n} of them lie outside every area and are in no area's figure.`,
      than: (d) => (d === 0 ? "as many as on average" : d > 0 ? `${number(d)} more than on average` : `${number(-d)} fewer than on average`),
      note: "Classes are quintiles of the values above 0; every step of time uses the same ones.", empty: "No incidents in this period.", to: "to",
      foot: (r) => `Made by gridgov on ${r.made} (${r.zone}). This page uses no network. The base is the city's own street lines; for internal use. Map: Leaflet.`,
    },
  };

  const $ = (selector) => document.querySelector(selector);
  const map = window.map_city;
  const heat = window.heat_map_incidents;
  const streets = window.geo_json_streets;
  const layers = Object.fromEntries(Object.keys(REPORT.levels).map((level) => [level, window[`geo_json_${level}`]]));
  const state = { level: REPORT.first, measure: REPORT.measure || "count", step: -1, language: "zh", sort: "value", rising: false, all: false, on: -1 };
  const shapes = {};
  let timer = 0;

  const words = () => WORDS[state.language];
  const number = (value, digits = 0) =>
    value === null ? "–" : value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const figure = (value) => number(value, state.measure === "rate" ? 1 : 0);
  const sum = (list) => list.reduce((a, b) => a + b, 0);
  const inStep = (perStep) => (state.step < 0 ? sum(perStep) : perStep[state.step]);

  function valuesOf(level) {
    const { areas, counts } = REPORT.levels[level];
    return areas.map((area, i) => {
      const count = inStep(counts[i]);
      const rate = area[3] ? (100 * count) / area[3] : null;
      return { i, count, rate, value: state.measure === "count" ? count : rate };
    });
  }
  const breaksNow = () => REPORT.levels[state.level].breaks[state.measure][state.step < 0 ? "all" : "step"];
  function classOf(value, breaks) {
    if (value === null) return -1;
    if (!(value > 0)) return 0;
    const at = breaks.findIndex((bound) => value <= bound + 1e-9);
    return at < 0 ? breaks.length : at + 1;
  }
  function colour(place, breaks) {
    if (place < 0) return UNKNOWN;
    return place === 0 ? NONE : RAMP[breaks.length === 1 ? 2 : Math.round(((place - 1) * (RAMP.length - 1)) / (breaks.length - 1))];
  }

  function drawAreas(values) {
    const layer = layers[state.level];
    if (!layer) return;
    const breaks = breaksNow();
    const faint = map.hasLayer(heat);
    layer.eachLayer((shape) => {
      const i = shape.feature.properties.i;
      const on = i === state.on;
      shape.setStyle({
        fillColor: colour(classOf(values[i].value, breaks), breaks), fillOpacity: faint ? 0.15 : FILL,
        color: on ? "#d1350f" : "#59636d", weight: on ? 3 : state.level === "grid" ? 0.5 : 1.2, opacity: on ? 1 : 0.5,
      });
      if (on) shape.bringToFront();
    });
  }

  function drawHeat() {
    const points = [];
    for (const [lat, lon, pairs] of REPORT.cells) {
      let n = 0;
      for (let k = 0; k < pairs.length; k += 2) if (state.step < 0 || pairs[k] === state.step) n += pairs[k + 1];
      if (n) points.push([lat, lon, n]);
    }
    // The scale follows the zoom: the strongest spot of the map as it is drawn now is the darkest.
    const side = heat.options.radius / 2;
    const bins = new Map();
    for (const [lat, lon, n] of points) {
      const at = map.project([lat, lon], map.getZoom());
      const key = `${Math.floor(at.x / side)}:${Math.floor(at.y / side)}`;
      bins.set(key, (bins.get(key) || 0) + n);
    }
    const strong = [...bins.values()].sort((a, b) => a - b);
    const fading = 2 ** -Math.max(0, Math.min(heat.options.maxZoom - map.getZoom(), 12)); // leaflet.heat's own
    heat.setOptions({ max: strong.length ? 3 * fading * strong[Math.floor(0.995 * (strong.length - 1))] : 1 });
    heat.setLatLngs(points);
  }

  function drawKey(values) {
    const breaks = breaksNow();
    const digits = state.measure === "rate" ? 1 : 0;
    const tally = new Map();
    for (const { value } of values) {
      const at = classOf(value, breaks);
      tally.set(at, (tally.get(at) || 0) + 1);
    }
    const rows = [];
    if (tally.has(-1)) rows.push([-1, words().unknown]);
    rows.push([0, `0 (${words().none})`]);
    breaks.forEach((bound, k) => {
      const below = k === 0 ? 0 : breaks[k - 1];
      const range = digits
        ? k === 0 ? `≤ ${number(bound, 1)}` : `> ${number(below, 1)} – ${number(bound, 1)}`
        : below + 1 === bound ? number(bound) : `${number(below + 1)} – ${number(bound)}`;
      rows.push([k + 1, range]);
    });
    $("#key h2").textContent = `${words().key}: ${words()[state.measure]} · ${REPORT.levelNames[state.level] || ""}`;
    $("#key ul").replaceChildren(...rows.map(([place, text]) => {
      const row = document.createElement("li");
      const box = document.createElement("i");
      box.style.background = colour(place, breaks);
      box.style.opacity = FILL;
      const label = Object.assign(document.createElement("span"), { textContent: text });
      const count = Object.assign(document.createElement("span"), { textContent: `${tally.get(place) || 0} ${words().areas}` });
      row.append(box, label, count);
      return row;
    }));
    $("#key-note").textContent = words().note;
  }

  const nameOf = (area) => (state.language === "zh" ? area[1] : area[2]);
  // Where no household is known anywhere there is no rate to show.
  const homesKnown = Object.values(REPORT.levels).some(({ areas }) => areas.some((area) => area[3]));
  const COLUMNS = [
    ["name", (row, area) => nameOf(area), false],
    ["count", (row) => row.count, true], ["rate", (row) => row.rate, true], ["homes", (row, area) => area[3], true],
  ].slice(0, homesKnown ? 4 : 2);
  const sortedBy = () => (state.sort === "value" ? state.measure : state.sort);

  function drawTable(values) {
    const { areas } = REPORT.levels[state.level] || { areas: [] };
    const by = sortedBy();
    const read = COLUMNS.find(([key]) => key === by)[1];
    const sorted = [...values].sort((a, b) => {
      const [x, y] = [read(a, areas[a.i]), read(b, areas[b.i])];
      if (x === null || y === null) return (x === null) - (y === null);
      const order = typeof x === "string" ? x.localeCompare(y, state.language) : x - y;
      return (state.rising ? order : -order) || a.i - b.i;
    });
    const heads = COLUMNS.map(([key, , numeric]) => {
      const head = document.createElement("th");
      head.scope = "col";
      if (numeric) head.className = "number";
      if (key === by) head.setAttribute("aria-sort", state.rising ? "ascending" : "descending");
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: words()[key] });
      button.onclick = () => {
        state.rising = by === key ? !state.rising : !numeric;
        state.sort = key;
        draw();
      };
      head.append(button);
      return head;
    });
    $("#twin thead tr").replaceChildren(...heads);
    $("#twin h2").textContent = `${words().table}: ${REPORT.levelNames[state.level] || ""}`;
    const shown = state.all ? sorted : sorted.slice(0, ROWS);
    const body = document.createDocumentFragment();
    for (const row of shown) {
      const line = document.createElement("tr");
      line.className = row.i === state.on ? "on" : "";
      line.tabIndex = 0;
      line.onclick = () => select(row.i, true);
      line.onkeydown = (event) => event.key === "Enter" && select(row.i, true);
      for (const [key, get, numeric] of COLUMNS) {
        const cell = line.insertCell();
        const value = get(row, areas[row.i]);
        cell.textContent = numeric ? number(value, key === "rate" ? 1 : 0) : value;
        if (numeric) cell.className = "number";
        else cell.append(Object.assign(document.createElement("small"), { textContent: areas[row.i][0] }));
      }
      body.append(line);
    }
    $("#twin tbody").replaceChildren(body);
    $("#more").hidden = state.all || sorted.length <= ROWS;
    $("#more").textContent = `${words().more} (${sorted.length})`;
  }

  const spanText = ([first, last]) => (first === last ? first : `${first} ${words().to} ${last}`);
  function drawTime() {
    const n = REPORT.spans.length;
    const highest = Math.max(1, ...REPORT.byStep);
    const bars = $("#bars");
    bars.setAttribute("viewBox", `0 0 ${Math.max(n, 1)} 100`);
    bars.setAttribute("aria-label", `${words().bars[REPORT.step]}: ${REPORT.byStep.join(", ")}`);
    const draw1 = (k, height, kind) => {
      const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const [key, value] of Object.entries({ x: k + 0.1, width: 0.8, y: 100 - height, height })) bar.setAttribute(key, value);
      bar.setAttribute("class", kind);
      return bar;
    };
    const all = [];
    REPORT.byStep.forEach((count, k) => {
      all.push(draw1(k, (100 * count) / highest, k === state.step || state.step < 0 ? "on" : ""));
      const hit = draw1(k, 100, "hit");
      hit.onclick = () => go(k);
      all.push(hit);
    });
    bars.replaceChildren(...all);
    $("#bars-title").textContent = `${words().bars[REPORT.step]} (0 – ${number(highest)})`;
    Object.assign($("#slider"), { max: n - 1, value: state.step, disabled: n === 0 });
    $("#slider").setAttribute("aria-label", words().bars[REPORT.step]);
    $("#whole").textContent = words().whole;
    $("#whole").disabled = state.step < 0;
    $("#play").textContent = timer ? words().pause : words().play;
    $("#play").disabled = n < 2;
    if (!n) {
      $("#now").textContent = words().empty;
    } else if (state.step < 0) {
      $("#now").textContent = `${words().whole}: ${spanText([REPORT.spans[0][0], REPORT.spans[n - 1][1]])}, ${number(sum(REPORT.byStep))} ${words().incidents}`;
    } else {
      const count = REPORT.byStep[state.step];
      const days = ([first, last]) => (Date.parse(last) - Date.parse(first)) / 864e5 + 1;
      const usual = Math.round(count - (sum(REPORT.byStep) * days(REPORT.spans[state.step])) / sum(REPORT.spans.map(days)));
      $("#now").textContent = `${spanText(REPORT.spans[state.step])}: ${number(count)} ${words().incidents}, ${words().than(usual)}`;
    }
  }

  function drawWords() {
    const { zh = "", en = "" } = REPORT.city;
    document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
    $("#language").textContent = words().other;
    $("#language").lang = state.language === "zh" ? "en" : "zh-CN";
    $("#title-zh").textContent = `${zh || en}事件密度`;
    $("#title-en").textContent = `${en || zh}: density of incidents`;
    const names = REPORT.categoryNames || {};
    const category = REPORT.category ? `${REPORT.category} ${names[state.language] || names.zh || names.en || ""}` : words().all;
    const n = REPORT.spans.length;
    const period = n ? spanText([REPORT.spans[0][0], REPORT.spans[n - 1][1]]) : words().empty;
    const big = Object.assign(document.createElement("strong"), { textContent: `${number(REPORT.total)} ${words().incidents}` });
    const unlocated = Object.assign(document.createElement("small"), {
      textContent: REPORT.unlocated ? words().unlocated(number(REPORT.unlocated)) : "",
    });
    const narrowed = (REPORT.narrowed || []).map((one) => ` · ${one[state.language]}`).join("");
    $("#scope").replaceChildren(big, `${period} · ${category}${narrowed}`, unlocated);
    map.getContainer().setAttribute("aria-label", words().map);
    $("#measures legend").textContent = words().measure;
    document.querySelectorAll("#measures label").forEach((label) => {
      label.querySelector("span").textContent = words()[label.querySelector("input").value];
    });
    $("#foot").textContent = words().foot(REPORT);
  }

  function draw() {
    const values = REPORT.levels[state.level] ? valuesOf(state.level) : [];
    drawWords();
    drawTime();
    if (REPORT.levels[state.level]) {
      drawAreas(values);
      drawKey(values);
    }
    drawTable(values);
    if (map.hasLayer(heat)) drawHeat();
  }
  function go(step) {
    state.step = Math.max(-1, Math.min(step, REPORT.spans.length - 1));
    draw();
  }
  function stop() {
    clearInterval(timer);
    timer = 0;
  }
  function select(i, move) {
    state.on = i;
    draw();
    const shape = shapes[state.level][i];
    if (move && shape) map.panInside(shape.getBounds().getCenter(), { padding: [80, 80] });
    const row = $("#twin tr.on");
    if (!move && row) row.scrollIntoView({ block: "nearest" });
  }
  function told(level, i) {
    const area = REPORT.levels[level].areas[i];
    const { count, rate } = valuesOf(level)[i];
    const box = document.createElement("div");
    const head = Object.assign(document.createElement("strong"), { textContent: nameOf(area) });
    const text = `${number(count)} ${words().incidents}${rate === null ? "" : ` · ${words().rate} ${number(rate, 1)}`}`;
    box.append(head, document.createElement("br"), text);
    return box;
  }

  for (const [level, layer] of Object.entries(layers)) {
    shapes[level] = {};
    layer.eachLayer((shape) => {
      const { i } = shape.feature.properties;
      shapes[level][i] = shape;
      shape.bindTooltip(() => told(level, i), { sticky: true });
      shape.on("click", () => select(i, false));
    });
  }
  $("#measures").hidden = !homesKnown;
  if (!homesKnown) state.measure = "count";
  document.querySelectorAll("#measures input").forEach((input) => (input.checked = input.value === state.measure));
  if (streets) streets.setStyle({ color: "#9aa4ae", weight: 1, opacity: 0.8 });
  map.attributionControl.setPrefix(false);
  map.getContainer().setAttribute("role", "region");
  map.on("baselayerchange", (event) => {
    state.level = Object.keys(layers).find((level) => layers[level] === event.layer) || state.level;
    state.on = -1;
    state.all = false;
    draw();
  });
  map.on("overlayadd overlayremove", (event) => event.layer === heat && draw());
  map.on("zoomend", () => map.hasLayer(heat) && drawHeat());
  $("#language").onclick = () => {
    state.language = state.language === "zh" ? "en" : "zh";
    draw();
  };
  $("#slider").oninput = (event) => go(Number(event.target.value));
  $("#whole").onclick = () => (stop(), go(-1));
  $("#play").onclick = () => {
    if (timer) stop();
    else timer = setInterval(() => go(state.step + 1 >= REPORT.spans.length ? 0 : state.step + 1), 900);
    draw();
  };
  $("#more").onclick = () => {
    state.all = true;
    draw();
  };
  document.querySelectorAll("#measures input").forEach((input) => {
    input.onchange = () => {
      state.measure = input.value;
      draw();
    };
  });
  draw();
})();

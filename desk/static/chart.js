// Draws the series of a subject with uPlot: mean, interval, gaps, publishers, shifts. All numbers and texts
// come with the page; the table under the chart holds the same for those who cannot see it.
"use strict";
(() => {
  const DAY_S = 86400;
  const GAP_DAYS = 3; // a shorter hole is seen as a break of the line; a longer one is shaded
  const EXTRAS = 5; // the week, and colours there are for additional lines
  const LONG_DAYS = 120; // beyond it the week is the line and days are dots; as in chart.py
  const MINUS = "\u2212";

  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const signed = (value) => (value === 0 ? "0.00" : (value < 0 ? MINUS : "+") + Math.abs(value).toFixed(2));
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const utc = (seconds) => new Date(seconds * 1000);

  const dayText = (given, seconds) => {
    const date = utc(seconds);
    return fill(given.texts.day, {
      day: date.getUTCDate(), month: given.months[`m${date.getUTCMonth() + 1}`], year: date.getUTCFullYear(),
    });
  };

  // "22 Jan"; with a month or more between ticks "Jan", and "Jan 2025" where a year begins.
  const tickText = (given, seconds, index, spacing) => {
    const date = utc(seconds);
    const month = given.months[`m${date.getUTCMonth() + 1}`];
    if (spacing < 27 * DAY_S) return `${date.getUTCDate()} ${month}`;
    return index === 0 || date.getUTCMonth() === 0 ? `${month} ${date.getUTCFullYear()}` : month;
  };

  const isLong = (chart) => chart.days.length > LONG_DAYS;

  const holes = (mean) => {
    const found = [];
    let start = null;
    mean.forEach((value, i) => {
      if (value === null && start === null) start = i;
      if (value !== null && start !== null) { found.push([start, i - 1]); start = null; }
    });
    if (start !== null) found.push([start, mean.length - 1]);
    const shaded = found.filter(([a, b]) => b - a + 1 >= GAP_DAYS);
    const days = shaded.reduce((sum, [a, b]) => sum + b - a + 1, 0);
    return days > mean.length / 2 ? [] : shaded; // where silence is the rule, shading it says nothing
  };

  // --- drawing on the canvas ---------------------------------------------------------------------------

  const shadeHoles = (u, chart) => {
    u.ctx.fillStyle = css("--gap");
    for (const [a, b] of holes(chart.mean)) {
      const left = u.valToPos(chart.days[a] - DAY_S / 2, "x", true);
      const right = u.valToPos(chart.days[b] + DAY_S / 2, "x", true);
      const from = Math.max(left, u.bbox.left);
      u.ctx.fillRect(from, u.bbox.top, Math.min(right, u.bbox.left + u.bbox.width) - from, u.bbox.height);
    }
  };

  const zeroLine = (u) => {
    const y = Math.round(u.valToPos(0, "y", true));
    u.ctx.fillStyle = css("--soft");
    u.ctx.fillRect(u.bbox.left, y, u.bbox.width, devicePixelRatio);
  };

  const endLabels = (u, ends) => {
    const size = 11 * devicePixelRatio;
    u.ctx.font = `${size}px ${css("--sans")}`;
    u.ctx.fillStyle = css("--soft");
    u.ctx.textAlign = "left";
    u.ctx.fillText(ends.top, u.bbox.left + size / 2, u.bbox.top + size * 1.3);
    u.ctx.fillText(ends.bottom, u.bbox.left + size / 2, u.bbox.top + u.bbox.height - size * 0.6);
  };

  const values = (u, chart, thin) => {
    const { ctx } = u;
    const wide = u.bbox.width / Math.max(1, u.scales.x.max - u.scales.x.min) * DAY_S > 7 * devicePixelRatio;
    const long = isLong(chart);
    const radius = (wide ? 3 : long ? 1.8 : 2) * devicePixelRatio;
    const alone = (i) => chart.mean[i - 1] == null && chart.mean[i + 1] == null;
    ctx.strokeStyle = css("--ink");
    ctx.lineWidth = 1.4 * devicePixelRatio;
    chart.mean.forEach((value, i) => {
      if (value === null || !(wide || long || alone(i))) return;
      const x = u.valToPos(chart.days[i], "x", true);
      if (!long && alone(i) && chart.low[i] !== null) {
        ctx.beginPath();
        ctx.moveTo(x, u.valToPos(chart.low[i], "y", true));
        ctx.lineTo(x, u.valToPos(chart.high[i], "y", true));
        ctx.globalAlpha = 0.35;
        ctx.stroke();
        ctx.globalAlpha = 1;
      }
      ctx.globalAlpha = long ? 0.5 : 1;
      ctx.beginPath();
      ctx.arc(x, u.valToPos(value, "y", true), radius, 0, 2 * Math.PI);
      ctx.fillStyle = chart.publishers[i] < thin ? css("--paper") : css("--ink");
      ctx.fill();
      ctx.stroke();
    });
    ctx.globalAlpha = 1;
  };

  const shifts = (u, chart) => {
    const { ctx } = u;
    const size = 11 * devicePixelRatio;
    const line = (x, dash) => {
      ctx.setLineDash(dash.map((n) => n * devicePixelRatio));
      ctx.beginPath();
      ctx.moveTo(x, u.bbox.top);
      ctx.lineTo(x, u.bbox.top + u.bbox.height);
      ctx.stroke();
    };
    for (const mark of chart.marks) {
      const colour = mark.state === "withdrawn" ? css("--soft") : css(mark.direction === "down" ? "--hostile" : "--friendly");
      const x = u.valToPos(mark.detected, "x", true);
      ctx.strokeStyle = colour;
      ctx.lineWidth = 1.5 * devicePixelRatio;
      if (mark.onset >= u.scales.x.min) line(u.valToPos(mark.onset, "x", true), [3, 3]);
      line(x, []);
      ctx.fillStyle = colour;
      ctx.beginPath();
      ctx.arc(x, u.bbox.top, size * 0.85, 0, 2 * Math.PI);
      ctx.fill();
      ctx.fillStyle = css("--paper");
      ctx.font = `600 ${size}px ${css("--sans")}`;
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      ctx.fillText(String(mark.number), x, u.bbox.top + devicePixelRatio);
      ctx.textBaseline = "alphabetic";
      ctx.setLineDash([]);
    }
  };

  // --- the two plots -----------------------------------------------------------------------------------

  const axis = (extra) => ({
    stroke: css("--soft"), font: `12px ${css("--sans")}`,
    grid: { stroke: css("--rule"), width: 1 / devicePixelRatio }, ticks: { show: false }, ...extra,
  });

  const timeAxis = (given, extra) => axis({
    values: (u, splits, index, space, spacing) => splits.map((s, i) => tickText(given, s, i, spacing)), space: 62, ...extra,
  });

  const lineOptions = (given, size, key, heard) => ({
    ...size, legend: { show: false }, tzDate: (s) => uPlot.tzDate(utc(s), "UTC"), padding: [14, 22, 0, 0],
    cursor: { sync: { key }, y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: { x: { range: (u, min, max) => [min - DAY_S / 2, max + DAY_S / 2] }, y: { range: [-1, 1] } },
    axes: [
      timeAxis(given, { values: (u, splits) => splits.map(() => ""), size: 4, grid: { show: false } }),
      axis({ size: 46, splits: () => [-1, -0.5, 0, 0.5, 1], values: (u, splits) => splits.map((s) => signed(s).replace(/0$/, "")) }),
    ],
    series: [
      {},
      { stroke: isLong(given.chart) ? "transparent" : css("--ink"), width: 1.8, points: { show: false } },
      { stroke: "transparent", points: { show: false } },
      { stroke: "transparent", points: { show: false } },
      ...given.chart.extras.slice(0, EXTRAS).map((extra, i) => ({
        show: false, stroke: i ? css(`--line-${i}`) : css("--ink"), width: i ? 1.6 : 2.2, dash: i ? [6, 3] : [],
        points: { show: false },
      })),
    ],
    bands: isLong(given.chart) ? [] : [{ series: [3, 2], fill: css("--band") }],
    hooks: {
      drawAxes: [(u) => shadeHoles(u, given.chart), zeroLine],
      draw: [
        (u) => values(u, given.chart, given.thin), (u) => shifts(u, given.chart), (u) => endLabels(u, given.ends),
      ],
      setCursor: [heard],
    },
  });

  const barOptions = (given, size, key) => ({
    ...size, legend: { show: false }, tzDate: (s) => uPlot.tzDate(utc(s), "UTC"), padding: [6, 22, 0, 0],
    cursor: { sync: { key }, y: false, points: { show: false }, drag: { x: false, y: false } },
    scales: {
      x: { range: (u, min, max) => [min - DAY_S / 2, max + DAY_S / 2] },
      y: { range: (u, min, max) => [0, Math.max(5, max) * 1.3] },
    },
    axes: [
      timeAxis(given, { size: 28, grid: { show: false } }),
      axis({ size: 46, space: 24, incrs: [1, 2, 5, 10, 20, 50, 100, 200], grid: { show: false } }),
    ],
    series: [{}, {
      stroke: css("--soft"), fill: css("--soft"), points: { show: false },
      paths: uPlot.paths.bars({ size: [0.7, 14, 1] }),
    }],
    hooks: {
      draw: [(u) => {
        const size = 11 * devicePixelRatio;
        u.ctx.font = `${size}px ${css("--sans")}`;
        u.ctx.fillStyle = css("--soft");
        u.ctx.textAlign = "left";
        u.ctx.fillText(given.texts.publishers, u.bbox.left + size / 2, u.bbox.top + size);
      }],
    },
  });

  // --- one figure --------------------------------------------------------------------------------------

  const mount = (figure, number) => {
    const script = figure.querySelector("script[type='application/json']");
    if (!script) return;
    const given = JSON.parse(script.textContent);
    const { chart } = given;
    chart.days = chart.days.map((day) => day + DAY_S / 2); // a day's mean stands in the middle of its day
    const plot = figure.querySelector(".plot");
    const readout = figure.querySelector(".readout");
    const toggles = figure.querySelector(".toggles");
    const barHeight = 92;
    const lineHeight = () => (plot.clientWidth < 480 ? 210 : figure.classList.contains("small") ? 190 : 270);
    let plots = [];

    const tell = (index) => {
      if (index == null || chart.days[index] === undefined) return;
      const mean = chart.mean[index];
      const day = dayText(given, chart.days[index]);
      const known = { day, publishers: chart.publishers[index], stories: chart.stories[index] };
      if (mean === null) readout.textContent = fill(given.texts.gap, known);
      else if (chart.low[index] === null) readout.textContent = fill(given.texts.reading_bare, { ...known, mean: signed(mean) });
      else readout.textContent = fill(given.texts.reading, {
        ...known, mean: signed(mean), low: signed(chart.low[index]), high: signed(chart.high[index]),
      });
    };

    const draw = () => {
      const pressed = [...toggles.querySelectorAll("button")].map((b) => b.getAttribute("aria-pressed") === "true");
      plots.forEach((u) => u.destroy());
      const width = plot.clientWidth;
      const key = `subject-${number}`;
      const lines = new uPlot(
        lineOptions(given, { width, height: lineHeight() }, key, (u) => tell(u.cursor.idx)),
        [chart.days, chart.mean, chart.low, chart.high, ...chart.extras.slice(0, EXTRAS).map((e) => e.values)], plot,
      );
      const bars = new uPlot(barOptions(given, { width, height: barHeight }, key), [chart.days, chart.publishers.map((n) => n || null)], plot);
      plots = [lines, bars];
      pressed.forEach((on, i) => on && lines.setSeries(4 + i, { show: true }));
    };

    const step = (by) => {
      const [lines] = plots;
      let index = lines.cursor.idx ?? (by > 0 ? -1 : chart.days.length);
      index = Math.min(chart.days.length - 1, Math.max(0, index + by));
      lines.setCursor({ left: lines.valToPos(chart.days[index], "x"), top: 10 });
    };

    plot.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -7, PageDown: 7, Home: -1e6, End: 1e6 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      step(by);
    });
    plot.addEventListener("focus", () => readout.setAttribute("aria-live", "polite"));
    plot.addEventListener("blur", () => readout.removeAttribute("aria-live"));
    toggles.hidden = chart.extras.length === 0;
    toggles.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      plots[0].setSeries(4 + Number(button.dataset.line), { show: on });
    });

    let width = 0;
    new ResizeObserver(() => {
      if (plot.clientWidth !== width) { width = plot.clientWidth; draw(); }
    }).observe(plot);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  };

  document.querySelectorAll("[data-chart]").forEach(mount);
})();

"use strict";
// Draws each table with `data-chart` by uPlot: the figures are those of the table, the colours those of the legend. What
// the page shows without scripts stays where this does not run, and on paper.
{
  const language = document.documentElement.lang;
  const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 3 });
  // English days are written as in the rest of the page: 3 Jun.
  const shortDay = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { day: "numeric", month: "short", timeZone: "UTC" });
  const write = {
    count: (value) => plain.format(value),
    share: (value) => percent.format(value),
    ms: (value) => `${plain.format(value)}\u00a0ms`,
  };
  const HEIGHT = 200;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  const styleOf = (panel, series) => {
    const sample = getComputedStyle(panel.querySelector(`.legend .line.${series}`) ?? panel.querySelector(".bar rect"));
    if (sample.stroke === "none") return { fill: sample.fill, width: 0 };
    const dash = sample.strokeDasharray.match(/[\d.]+/g)?.map(Number);
    return { stroke: sample.stroke, width: parseFloat(sample.strokeWidth), dash };
  };

  // Places are numbers of days or bars, and hours of the day, of which some may have no row.
  const read = (table) => {
    const rows = [...table.tBodies[0].rows].map((row, number) => {
      const head = row.querySelector("th");
      const text = head.textContent.trim();
      const isHour = table.dataset.name === "hours";
      const name = head.dataset.value ? shortDay.format(new Date(head.dataset.value)) : text;
      return { row, text, name, x: isHour ? Number(text) : number };
    });
    const xs = Array.from({ length: rows.at(-1).x - rows[0].x + 1 }, (_, number) => rows[0].x + number);
    const points = xs.map((x) => rows.find((one) => one.x === x));
    const series = [...table.tHead.rows[0].cells].filter((cell) => cell.dataset.series).map((cell) => ({
      name: cell.dataset.series,
      text: cell.textContent.trim(),
      cells: points.map((point) => point?.row.cells[cell.cellIndex]),
    }));
    for (const one of series) {
      one.values = one.cells.map((cell) => {
        const text = cell ? figureOf(cell) : "";
        return text === "" ? null : Number(text);
      });
    }
    return { xs, points, series: series.filter((one) => one.values.some((value) => value !== null)) };
  };

  const hatch = (context) => {
    const tile = document.createElement("canvas");
    const size = 6 * devicePixelRatio;
    tile.width = tile.height = size;
    const own = tile.getContext("2d");
    own.strokeStyle = colour("--rare");
    own.lineWidth = 1.5 * devicePixelRatio;
    own.beginPath();
    for (const shift of [-size, 0, size]) {
      own.moveTo(shift, size);
      own.lineTo(shift + size, 0);
    }
    own.stroke();
    return context.createPattern(tile, "repeat");
  };

  // A point beside others that are not told would be no line.
  const alone = (plot, number) =>
    plot.data[number].flatMap((value, index, all) =>
      value != null && all[index - 1] == null && all[index + 1] == null ? [index] : []);

  const build = (table, panel, holder) => {
    if (!table.tBodies[0].rows.length) return null;
    const { xs, points, series } = read(table);
    if (!series.length) return null;
    const { chart, unit, part } = table.dataset;
    const names = new Map(xs.map((x, index) => [x, points[index]?.name ?? String(x)]));
    const ink = colour("--quiet"), rule = colour("--rule"), mark = colour("--second");
    const font = `12px ${getComputedStyle(document.body).fontFamily}`;
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = font;
    const widest = (texts) => Math.max(0, ...texts.map((text) => pen.measureText(text).width));
    const room = widest([...names.values()]) + 10;

    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    const tell = (index) => [
      points[index]?.text ?? String(xs[index]),
      ...series.map((one) => [series.length > 1 || chart === "bars" ? `${one.text}: ` : "", one.cells[index]?.firstChild
        ? [...one.cells[index].childNodes].filter((node) => !node.classList?.contains("hidden")).map((node) => node.textContent).join("")
        : "–"].join("")),
      ...(points[index]?.row.classList.contains("part") ? [part] : []),
      ...(points[index]?.row.dataset.incident?.split("; ") ?? []),
    ];
    const say = (index) => {
      holder.setAttribute("aria-valuenow", index);
      holder.setAttribute("aria-valuetext", tell(index).join("; "));
    };
    const show = (plot) => {
      const index = plot.cursor.idx;
      tip.hidden = index == null;
      if (tip.hidden) return;
      tip.replaceChildren(...tell(index).map((line) => {
        const one = document.createElement("div");
        one.textContent = line;
        return one;
      }));
      const left = plot.valToPos(xs[index], "x"), width = plot.over.clientWidth;
      tip.style.left = left < width / 2 ? `${left + 12}px` : "auto";
      tip.style.right = left < width / 2 ? "auto" : `${width - left + 12}px`;
      say(index);
    };

    const drawn = [...series].reverse();
    const plot = new uPlot({
      width: holder.clientWidth,
      height: HEIGHT,
      padding: [14, 8, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false },
      scales: {
        x: { time: false, range: () => [xs[0] - 0.5, xs.at(-1) + 0.5] },
        y: {
          range: (_, least, most) => {
            const low = unit === "share" ? Math.min(least, 0.999) : 0;
            const high = unit === "share" ? 1 : most || 1;
            return [low, high + (high - low) * 0.06];
          },
        },
      },
      series: [{}, ...drawn.map((one) => ({
        ...styleOf(panel, one.name),
        points: { show: chart === "lines", filter: alone, size: 7, fill: styleOf(panel, one.name).stroke },
        ...(chart === "bars" ? { paths: uPlot.paths.bars({ size: [0.75, 80] }) } : {}),
      }))],
      axes: [
        {
          stroke: ink, font, size: 30, grid: { show: false }, ticks: { show: false },
          splits: (plot) => {
            const every = Math.ceil((xs.length * room) / (plot.over.clientWidth || plot.width));
            return xs.filter((_, index) => index % every === 0);
          },
          values: (_, splits) => splits.map((x) => names.get(x)),
        },
        {
          stroke: ink, font, space: 36, grid: { stroke: rule, width: 1 }, ticks: { show: false },
          values: (_, splits) => splits.map((value) => (unit === "share" && value > 1 ? "" : write[unit](value))),
          size: (_, values) => widest(values ?? []) + 14,
        },
      ],
      hooks: {
        drawClear: [(plot) => {
          const { ctx, bbox } = plot;
          ctx.fillStyle = hatch(ctx);
          points.forEach((point, index) => {
            if (!point?.row.classList.contains("part")) return;
            const [left, right] = [xs[index] - 0.5, xs[index] + 0.5].map((x) => plot.valToPos(x, "x", true));
            ctx.fillRect(left, bbox.top, right - left, bbox.height);
          });
        }],
        draw: [(plot) => {
          const { ctx, bbox } = plot;
          const size = 5 * devicePixelRatio;
          ctx.fillStyle = mark;
          points.forEach((point, index) => {
            if (!point?.row.dataset.incident) return;
            const middle = plot.valToPos(xs[index], "x", true);
            ctx.beginPath();
            ctx.moveTo(middle - size, bbox.top - 2 * size);
            ctx.lineTo(middle + size, bbox.top - 2 * size);
            ctx.lineTo(middle, bbox.top - size / 3);
            ctx.fill();
          });
        }],
        setCursor: [show],
      },
    }, [xs, ...drawn.map((one) => one.values)], holder);
    plot.over.append(tip);

    // By keys it is moved like a slider over the days, which says the figures of each.
    Object.assign(holder, { tabIndex: 0, role: "slider", ariaLabel: panel.querySelector("h4").textContent });
    holder.setAttribute("aria-valuemin", 0);
    holder.setAttribute("aria-valuemax", xs.length - 1);
    say(xs.length - 1);
    const move = (index) =>
      plot.setCursor({ left: plot.valToPos(xs[Math.min(Math.max(index, 0), xs.length - 1)], "x"), top: 0 });
    holder.onkeydown = (event) => {
      const now = plot.cursor.idx ?? Number(holder.getAttribute("aria-valuenow"));
      const steps = { ArrowLeft: now - 1, ArrowDown: now - 1, ArrowRight: now + 1, ArrowUp: now + 1, Home: 0, End: xs.length - 1 };
      if (!(event.key in steps)) return;
      event.preventDefault();
      move(steps[event.key]);
    };
    holder.onblur = () => plot.setCursor({ left: -10, top: -10 });
    return plot;
  };

  // A panel is drawn when it has a width: those of other sites, days and grains as soon as they are shown.
  const charts = new Map();
  const draw = (panel) => {
    const chart = charts.get(panel);
    if (chart.plot === null || !panel.clientWidth) return;
    if (chart.plot) {
      const width = chart.holder.clientWidth;
      if (width && width !== chart.plot.width) chart.plot.setSize({ width, height: HEIGHT });
      return;
    }
    panel.classList.add("has-drawing");
    if (!chart.holder.clientWidth) return;
    chart.plot = build(chart.table, panel, chart.holder);
    if (chart.plot === null) {
      panel.classList.remove("has-drawing");
      chart.holder.remove();
    }
  };
  const watch = new ResizeObserver((changes) => changes.forEach((change) => draw(change.target)));
  requestAnimationFrame(() => setTimeout(() => {
    for (const table of document.querySelectorAll("table[data-chart]")) {
      const panel = table.closest(".panel");
      const holder = document.createElement("div");
      holder.className = "drawing";
      const figures = panel.querySelector(".figures"), still = panel.querySelector(".axis-and-plot");
      if (figures && !still) figures.open = false;
      (still ?? figures ?? table.closest(".scroll")).before(holder);
      charts.set(panel, { table, holder });
      watch.observe(panel);
    }
  }));
  // Paper has colours of its own.
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    matchMedia(query).addEventListener("change", () => {
      for (const [panel, chart] of charts) {
        chart.plot?.destroy();
        if (chart.plot !== null) delete chart.plot;
        draw(panel);
      }
    });
  }
}

// Draws the charts, fetches what takes long after the page, copies, and keeps the page up to date. Without it all figures are there as tables.
"use strict";

const LIVE_MS = 5000;
const charts = new Set();

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function draw(canvas) {
  const asked = JSON.parse(canvas.dataset.chart);
  const tint = (series, at) => color(series.other ? "other" : `c${at % 6}`);
  const few = asked.labels.length < 3;
  const chart = new Chart(canvas, {
    type: asked.kind,
    data: {
      labels: asked.labels,
      datasets: asked.series.map((series, at) => ({
        label: series.name,
        data: series.values.map((value) => (value === null ? null : Number(value))),
        texts: series.texts,
        backgroundColor: tint(series, at),
        borderColor: tint(series, at),
        borderWidth: asked.kind === "line" ? 2 : 0,
        borderDash: series.dashed ? [5, 4] : [],
        pointRadius: few ? 4 : 1.5,
        pointHitRadius: 12,
        maxBarThickness: 56,
        spanGaps: true,
      })),
    },
    options: {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      scales: {
        x: { stacked: asked.kind === "bar", ticks: { color: color("soft"), maxRotation: 0, autoSkipPadding: 16 }, grid: { display: false }, border: { color: color("line") } },
        y: {
          stacked: asked.kind === "bar",
          beginAtZero: true,
          ticks: { color: color("soft"), maxTicksLimit: 6, callback: (value) => (asked.unit === "USD" ? dollars(value) : plainly(value)) },
          grid: { color: color("line") },
          border: { display: false },
        },
      },
      plugins: {
        legend: { position: "bottom", align: "start", labels: { color: color("ink"), boxWidth: 11, boxHeight: 11, padding: 14 } },
        tooltip: {
          filter: (item) => item.raw !== null && item.raw !== 0,
          callbacks: { label: (item) => `${item.dataset.label}: ${item.dataset.texts[item.dataIndex]}` },
        },
      },
    },
  });
  charts.add(chart);
}

// Of an axis only: figures come as text from the server.
function dollars(value) {
  const size = Math.abs(value);
  if (size >= 1000) return `$${new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(value)}`;
  return `$${new Intl.NumberFormat("en", size >= 1 || size === 0 ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 3 }).format(value)}`;
}

function plainly(value) {
  return new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

function drawAll(within) {
  for (const canvas of within.querySelectorAll("canvas[data-chart]")) draw(canvas);
}

function drawAgain() {
  for (const chart of charts) chart.destroy();
  charts.clear();
  drawAll(document);
}

async function fetchLater(within) {
  for (const waiting of within.querySelectorAll("[data-later]")) {
    try {
      const answer = await fetch(waiting.dataset.later, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const made = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("section");
      if (made && waiting.isConnected) {
        waiting.replaceWith(made);
        drawAll(made);
      }
    } catch {
      const said = waiting.querySelector(".waiting");
      if (said) said.textContent = "This did not arrive; load the page again.";
    }
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = button.parentElement.querySelectorAll("pre");
  const nearest = [...text].findLast((each) => each.compareDocumentPosition(button) & Node.DOCUMENT_POSITION_FOLLOWING);
  try {
    await navigator.clipboard.writeText(nearest.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(nearest);
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), 1500);
});

// A range that is chosen goes before days that were typed in earlier, and the other way round.
document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form || !form.matches(".days")) return;
  if (event.target.name === "range") for (const name of ["from", "to"]) form.elements[name].value = "";
  if (event.target.name === "from" || event.target.name === "to") form.elements.range.value = "";
  if (event.target.name === "range" || event.target.name === "compare") form.requestSubmit();
});

// What somebody has written and not sent yet.
const isFilledIn = () => [...document.querySelectorAll("form.act input, form.act textarea")].some((each) => each.value !== each.defaultValue);

const isBusy = () =>
  document.hidden || isFilledIn() || document.querySelector("main details[open]") || document.activeElement.closest("main form, main .scroll") || String(getSelection());

let state = null;

async function live() {
  try {
    const answer = await fetch("/live");
    if (!answer.ok) return;
    const found = (await answer.json()).state;
    if (state !== null && found !== state) {
      if (isBusy()) return;
      await renew();
    }
    state = found;
  } catch {
    // The service is away for a moment; the next look finds it again.
  }
}

async function renew() {
  const answer = await fetch(location.href);
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = document.querySelector("main");
  // What takes long stays as it was until its new figures are there.
  for (const waiting of fresh.querySelectorAll("[data-later]")) {
    const old = document.getElementById(waiting.id);
    if (old && !old.dataset.later) waiting.replaceChildren(...old.cloneNode(true).childNodes);
  }
  const focused = document.activeElement === document.body ? "" : document.activeElement.id;
  for (const chart of charts) chart.destroy();
  charts.clear();
  main.replaceWith(fresh.querySelector("main"));
  document.title = fresh.title;
  if (focused) document.getElementById(focused)?.focus();
  const said = document.querySelector(".live");
  if (said) {
    said.hidden = false;
    said.textContent = `Renewed at ${new Date().toLocaleTimeString()}`;
  }
  drawAll(document);
  fetchLater(document);
}

drawAll(document);
fetchLater(document);
live();
setInterval(live, LIVE_MS);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAgain);

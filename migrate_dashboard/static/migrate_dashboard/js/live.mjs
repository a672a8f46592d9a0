/*
 * Licensed under the Apache License, Version 2.0 (the "License"); you may
 * not use this file except in compliance with the License. You may obtain
 * a copy of the License at
 *
 *      http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
 * WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
 * License for the specific language governing permissions and limitations
 * under the License.
 */

// Keeps a page up to date by one poll: the server sends HTML, which replaces
// what changed. It rests while the page is hidden and backs off when the
// service is silent.

const INTERVAL = 3000;
const MOST = 30000;
const shown = new Map();

// What is open or typed into is left alone; what has the focus gets it back.
const inUse = (node) =>
  node.querySelector(".open") !== null ||
  (node.contains(document.activeElement) &&
    document.activeElement.matches("select, textarea, input:not([type=checkbox])"));

function keepFocus(old, replace) {
  const focused = document.activeElement;
  const held = old.contains(focused);
  const address = held && focused.getAttribute("href");
  const value = held && focused.getAttribute("value");
  const fresh = replace();
  if (address) {
    fresh.querySelector(`[href="${CSS.escape(address)}"]`)?.focus();
  } else if (value) {
    fresh.querySelector(`[value="${CSS.escape(value)}"]`)?.focus();
  }
}

function part(name, html) {
  const node = document.querySelector(`[data-live-part="${name}"]`);
  if (!node || shown.get(name) === html || inUse(node)) {
    return;
  }
  shown.set(name, html);
  keepFocus(node, () => { node.innerHTML = html; return node; });
}

function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

function row(old, {id, html}) {
  if (old && (shown.get(id) === html || inUse(old))) {
    return old;
  }
  shown.set(id, html);
  const fresh = element(html);
  const box = fresh.querySelector(".table-row-multi-select");
  const checked = old && old.querySelector(".table-row-multi-select:checked");
  if (box && checked) {
    box.checked = true;
  }
  return fresh;
}

function rows(name, wanted) {
  const body = document.querySelector(`#${name} > tbody`);
  const search = document.querySelector(`#${name} .table_search input`);
  if (!body || (search && search.value)) {
    return;
  }
  const old = new Map([...body.querySelectorAll("[data-live-row]")].map(
    (node) => [node.dataset.liveRow, node]));
  if (!wanted.length) {
    // The sentence for an empty table is the server's.
    if (old.size) { window.location.reload(); }
    return;
  }
  wanted.forEach((one, index) => {
    const before = old.get(one.id);
    const node = row(before, one);
    old.delete(one.id);
    if (before && before !== node) {
      keepFocus(before, () => { before.replaceWith(node); return node; });
    }
    if (body.children[index] !== node) {
      body.insertBefore(node, body.children[index] || null);
    }
  });
  old.forEach((node) => node.remove());
  body.querySelectorAll("tr.empty").forEach((node) => node.remove());
}

function complain(text) {
  const node = document.querySelector("[data-live-error]");
  node.textContent = text || "";
  node.classList.toggle("hidden", !text);
}

async function ask(root) {
  const answer = await fetch(root.dataset.live, {
    headers: {"X-Requested-With": "XMLHttpRequest"},
    cache: "no-store",
  });
  if (answer.status === 401 || answer.redirected) {
    window.location.reload();
    return;
  }
  const body = await answer.json();
  if (!answer.ok) {
    throw new Error(body.error);
  }
  for (const [name, html] of Object.entries(body.parts || {})) {
    part(name, html);
  }
  if (body.rows) {
    rows(root.dataset.liveTable, body.rows);
  }
}

// A page whose subject has come to its end need not ask any more.
const ended = (root) => root.dataset.liveUntil !== undefined &&
  root.querySelector(`[data-live-done="${root.dataset.liveUntil}"]`) !== null;

function start(root) {
  let wait = INTERVAL;
  let timer = null;
  let busy = false;
  async function tick() {
    clearTimeout(timer);
    if (busy) { return; }
    busy = true;
    try {
      if (!document.hidden) {
        await ask(root);
        wait = INTERVAL;
        complain("");
      }
    } catch (error) {
      wait = Math.min(2 * wait, MOST);
      complain(error.message || gettext("The page is not up to date: no answer."));
    } finally {
      busy = false;
      if (!ended(root)) { timer = setTimeout(tick, wait); }
    }
  }
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !ended(root)) { tick(); }
  });
  if (!ended(root)) { timer = setTimeout(tick, wait); }
}

document.querySelectorAll("[data-live]").forEach(start);

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

// The boxes before the machines: all of the page at once, and their number.

document.querySelectorAll("form[data-choose]").forEach((form) => {
  const all = form.querySelector("[data-all]");
  const text = form.querySelector("[data-chosen]");
  const boxes = [...form.querySelectorAll("input[name=machine]")];
  if (!all) { return; }
  const count = () => {
    const number = boxes.filter((box) => box.checked).length;
    all.checked = number > 0 && number === boxes.length;
    all.indeterminate = number > 0 && number < boxes.length;
    text.textContent = interpolate(
      ngettext("%s machine chosen", "%s machines chosen", number), [number]);
    form.querySelector("button[type=submit]").disabled = number === 0;
  };
  all.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = all.checked; });
    count();
  });
  form.addEventListener("change", count);
  count();
});

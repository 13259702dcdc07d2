// The grid of a schedule as a sheet: arrow keys, selection, copy and paste, fill down, undo. Without it the cells are
// plain fields of a form.
'use strict';
(() => {
  const table = document.querySelector('table[data-sheet]');
  if (!table) return;
  const english = document.documentElement.lang === 'en';
  const say = (zh, en) => { status.textContent = english ? en : zh; };
  const status = document.querySelector('[data-sheet-status]');
  document.querySelector('[data-sheet-help]').hidden = false;
  const cells = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll('select')]);
  const undone = [];
  let anchor = null;
  let end = null;

  const place = (cell) => {
    const row = cells.findIndex((all) => all.includes(cell));
    return row < 0 ? null : [row, cells[row].indexOf(cell)];
  };
  const area = () => {
    if (!anchor || !end) return [];
    const [top, bottom] = [anchor[0], end[0]].sort((a, b) => a - b);
    const [left, right] = [anchor[1], end[1]].sort((a, b) => a - b);
    return cells.slice(top, bottom + 1).map((row) => row.slice(left, right + 1));
  };
  const mark = () => {
    for (const cell of table.querySelectorAll('.selected')) cell.classList.remove('selected');
    const chosen = area();
    if (chosen.flat().length > 1) for (const cell of chosen.flat()) cell.classList.add('selected');
  };
  const go = (row, column, extend) => {
    const cell = cells[row]?.[column];
    if (!cell) return;
    end = [row, column];
    if (!extend) anchor = end;
    cell.focus();
    mark();
  };

  // One step of undo is a list of cells with the values that they had.
  const write = (changes) => {
    const step = [];
    for (const [cell, value] of changes) {
      if (!cell || cell.value === value || ![...cell.options].some((option) => option.value === value)) continue;
      step.push([cell, cell.value]);
      cell.value = value;
      before.set(cell, value);
    }
    if (step.length) {
      undone.push(step);
      // The draft saves itself after changes.
      table.dispatchEvent(new Event('change', { bubbles: true }));
    }
    return step.length;
  };
  const before = new Map(cells.flat().map((cell) => [cell, cell.value]));
  table.addEventListener('change', (event) => {
    const cell = event.target;
    if (!before.has(cell)) return;
    undone.push([[cell, before.get(cell)]]);
    before.set(cell, cell.value);
  });

  // What a text of a spreadsheet means in a cell; undefined: nothing known.
  const meant = (cell, text) => {
    const bare = text.trim();
    if (['', '—', '-', '/', '无'].includes(bare)) return '';
    const found = [...cell.options].find((option) => option.textContent.trim() === bare || option.value === bare)
      ?? [...cell.options].find((option) => option.value && option.textContent.includes(bare));
    return found?.value;
  };
  const label = (cell) => (cell.value ? cell.selectedOptions[0].textContent.trim() : '');

  table.addEventListener('focusin', (event) => {
    const at = place(event.target);
    if (at && (!end || end[0] !== at[0] || end[1] !== at[1])) { anchor = end = at; mark(); }
  });
  table.addEventListener('keydown', (event) => {
    const at = place(event.target);
    if (!at || event.altKey) return;
    const [row, column] = at;
    const command = event.ctrlKey || event.metaKey;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (step && !command) go(row + step[0], column + step[1], event.shiftKey);
    else if (event.key === 'Enter') go(row + (event.shiftKey ? -1 : 1), column, false);
    else if (event.key === 'Delete' || event.key === 'Backspace') write(area().flat().map((cell) => [cell, '']));
    else if (command && event.key.toLowerCase() === 'd') {
      const chosen = area();
      // A selection is filled from its first row; a single cell from the one above.
      const source = chosen.length > 1 ? chosen[0] : (cells[row - 1] ?? []).slice(column, column + 1);
      const count = write(chosen.slice(chosen.length > 1 ? 1 : 0).flatMap((line) => line.map((cell, i) => [cell, source[i]?.value])));
      say(`已填充 ${count} 格`, `${count} cells filled`);
    } else if (command && event.key.toLowerCase() === 'z') {
      const last = undone.pop();
      for (const [cell, value] of last ?? []) { cell.value = value; before.set(cell, value); }
      say(last ? `已撤销 ${last.length} 格` : '没有可撤销的', last ? `${last.length} cells undone` : 'nothing to undo');
    } else return;
    event.preventDefault();
  });
  table.addEventListener('pointerdown', (event) => {
    const at = place(event.target);
    if (at && event.shiftKey) { event.preventDefault(); end = at; anchor ??= at; mark(); }
  });

  document.addEventListener('copy', (event) => {
    if (!place(document.activeElement)) return;
    event.clipboardData.setData('text/plain', area().map((row) => row.map(label).join('\t')).join('\n'));
    event.preventDefault();
  });
  document.addEventListener('paste', (event) => {
    const at = place(document.activeElement);
    if (!at) return;
    event.preventDefault();
    const block = event.clipboardData.getData('text/plain').replace(/\r/g, '').replace(/\n$/, '').split('\n').map((line) => line.split('\t'));
    const single = block.length === 1 && block[0].length === 1;
    const changes = [];
    let unknown = 0;
    const put = (cell, text) => {
      if (!cell) return;
      const value = meant(cell, text);
      if (value === undefined) unknown += 1;
      else changes.push([cell, value]);
    };
    if (single) for (const cell of area().flat()) put(cell, block[0][0]);
    else block.forEach((line, i) => line.forEach((text, j) => put(cells[at[0] + i]?.[at[1] + j], text)));
    const count = write(changes);
    if (unknown && !changes.length) {
      // Lines of matters belong into the field for them.
      const lines = document.getElementById('lines');
      if (lines) { lines.value += block.map((line) => line.join('\t')).join('\n'); lines.focus(); }
      say('这些内容不是通办方式，已放到“粘贴多行”中', 'these are no modes: they stand in “Paste lines” now');
    } else say(`已粘贴 ${count} 格${unknown ? `，${unknown} 格无法识别` : ''}`, `${count} cells pasted${unknown ? `, ${unknown} not understood` : ''}`);
  });
})();

"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const remember = (name, value) => {
    try {
      return value === undefined ? localStorage.getItem(name) : localStorage.setItem(name, value);
    } catch {
      return null; // a file opened from disk may not store anything
    }
  };

  // Theme: as the system says, until someone says otherwise.
  const themes = ["auto", "light", "dark"];
  const themeButton = byId("theme");
  const setTheme = (theme) => {
    document.documentElement.dataset.theme = theme;
    themeButton.textContent = `Theme: ${theme}`;
  };
  setTheme(themes.includes(remember("stocktake-theme")) ? remember("stocktake-theme") : "auto");
  themeButton.addEventListener("click", () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
    setTheme(next);
    remember("stocktake-theme", next);
  });

  // Search: words that must all occur, or an expression as soon as a tag is in it.
  //   evacuate host          @two-hosts and not @disruptive          (@bug-1 or @bug-2) and revert
  const tokens = (query) => query.match(/[()]|"[^"]*"|[^\s()"]+/g) || [];
  const word = (token) => {
    const text = token.replaceAll('"', "").toLowerCase();
    return text.startsWith("@") ? (item) => item.tags.includes(text) : (item) => item.text.includes(text);
  };
  const parse = (query) => {
    const rest = tokens(query);
    const is = (expected) => (rest[0] || "").toLowerCase() === expected;
    const one = () => {
      if (is("not")) {
        rest.shift();
        const inner = one();
        return (item) => !inner(item);
      }
      if (is("(")) {
        rest.shift();
        const inner = either();
        if (is(")")) rest.shift();
        return inner;
      }
      const token = rest.shift();
      return token === undefined ? () => true : word(token);
    };
    const both = () => {
      let left = one();
      while (rest.length && !is("or") && !is(")")) {
        if (is("and")) rest.shift();
        const [before, after] = [left, one()];
        left = (item) => before(item) && after(item);
      }
      return left;
    };
    const either = () => {
      let left = both();
      while (is("or")) {
        rest.shift();
        const [before, after] = [left, both()];
        left = (item) => before(item) || after(item);
      }
      return left;
    };
    let found = either();
    while (rest.length) {
      rest.shift(); // a bracket too many
      const [before, after] = [found, either()];
      found = (item) => before(item) && after(item);
    }
    return found;
  };
  const plain = (query) => {
    const words = tokens(query).map(word);
    return (item) => words.every((fits) => fits(item));
  };

  // A large page keeps what is behind folds packed until somebody looks.
  const packed = byId("packed");
  let pieces;
  const unpack = async () => {
    if (!packed || pieces) return;
    const bytes = Uint8Array.from(atob(packed.textContent), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    pieces = await new Response(stream).json();
  };
  const fillNow = (fold) => {
    for (const place of all(":scope > [data-e]", fold)) place.outerHTML = pieces[place.dataset.e];
  };
  document.addEventListener("toggle", async ({ target }) => {
    if (!target.open || !target.querySelector(":scope > [data-e]")) return;
    await unpack();
    fillNow(target);
  }, true);
  addEventListener("load", () => setTimeout(load, 500)); // so that the first fold opens, and the first search ends, at once
  const inside = (html) => {
    const deeper = [...html.matchAll(/data-e=(\d+)/g)].map(([, n]) => inside(pieces[n]));
    return [words(html), ...deeper].join(" ");
  };
  const behind = (element) => all("[data-e]", element).map((place) => inside(pieces[place.dataset.e])).join(" ");
  const reader = document.createElement("template");
  const words = (html) => {
    reader.innerHTML = html;
    return reader.content.textContent;
  };

  // What a search looks at is read once, a little at a time, so that the page answers meanwhile.
  let items, reading;
  const atOnce = 20; // milliseconds
  const itemOf = (element) => {
    const around = [".f > summary h3", ".r > h4"].map((selector) => {
      const [container, title] = selector.split(" > ");
      return element.closest(container)?.querySelector(`:scope > ${title}`)?.textContent || "";
    });
    const outline = element.closest(".ol");
    const shared = outline ? all(":scope > h4, :scope > h5, :scope > ol", outline).map((e) => e.textContent) : [];
    return {
      element,
      outcome: element.dataset.o,
      tags: element.dataset.t.toLowerCase().split(" "),
      text: [...around, ...shared, element.textContent, behind(element)].join(" ").toLowerCase(),
    };
  };
  const read = async () => {
    await unpack();
    const found = [];
    let began = performance.now();
    for (const element of all("[data-o]")) {
      found.push(itemOf(element));
      if (performance.now() - began > atOnce) {
        await new Promise((resume) => setTimeout(resume));
        began = performance.now();
      }
    }
    items = found;
  };
  const load = () => (reading ??= read());
  const box = byId("q");
  const chips = all("[data-filter]");
  const search = async () => {
    const query = box.value.trim();
    const wanted = chips.filter((chip) => chip.ariaPressed === "true").map((chip) => chip.dataset.filter);
    const active = query !== "" || wanted.length > 0;
    if (!active && !items) return;
    const fits = query.includes("@") ? parse(query) : plain(query);
    await load();
    if (query !== box.value.trim()) return; // somebody typed on meanwhile
    let shown = 0;
    for (const item of items) {
      const visible = (!wanted.length || wanted.includes(item.outcome)) && fits(item);
      item.element.hidden = !visible;
      shown += visible;
    }
    for (const container of [...all(".ol"), ...all(".r"), ...all(".f"), ...all(".dir")]) {
      container.hidden = active && !container.querySelector("[data-o]:not([hidden])");
    }
    byId("nothing").hidden = shown > 0 || !active;
    byId("found").value = active ? `${shown} of ${items.length} scenarios` : "";
    const address = new URL(location.href);
    query ? address.searchParams.set("q", query) : address.searchParams.delete("q");
    wanted.length ? address.searchParams.set("show", wanted.join(" ")) : address.searchParams.delete("show");
    try {
      history.replaceState(null, "", address);
    } catch {
      // some browsers keep the address of files as it is
    }
  };
  let waiting;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 120);
  });
  box.form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
    byId("features").scrollIntoView();
  });
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      chip.ariaPressed = chip.ariaPressed === "true" ? "false" : "true";
      search();
    });
  }
  document.addEventListener("keydown", (event) => {
    const typing = /^(input|textarea|select)$/i.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.focus();
    } else if (event.key === "Escape" && event.target === box && box.value) {
      box.value = "";
      search();
    }
  });
  const asked = new URLSearchParams(location.search);
  box.value = asked.get("q") || "";
  const shown = (asked.get("show") || "").split(" ");
  for (const chip of chips) chip.ariaPressed = String(shown.includes(chip.dataset.filter));
  search();

  // Anchors: what a link points at is unfolded, and shown although a search would hide it.
  const arrive = () => {
    const target = location.hash && byId(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let each = target; each; each = each.parentElement) {
      if (each.tagName === "DETAILS") each.open = true;
      each.hidden = false;
    }
    settle(target);
  };
  // Features out of sight have only an estimated height until they are passed: go on until the target stays in place.
  const settle = (target, frame = 0) => {
    const before = target.getBoundingClientRect().top;
    target.scrollIntoView({ behavior: "instant" });
    const moved = Math.abs(target.getBoundingClientRect().top - before) > 1;
    if (frame < 5 || (moved && frame < 60)) requestAnimationFrame(() => settle(target, frame + 1));
  };
  addEventListener("hashchange", arrive);
  arrive();

  // Folding, by button and for paper.
  const scenarios = () => all(".f, .s");
  for (const button of all("[data-all]")) {
    button.addEventListener("click", () => {
      const open = button.dataset.all === "open";
      for (const each of scenarios()) each.open = open || each.matches(".f");
    });
  }
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all(".f:not([open]), .s:not([open]), .ruleset:not([open])");
    for (const each of folded) {
      each.open = true;
      if (pieces) fillNow(each);
    }
  });
  addEventListener("afterprint", () => {
    for (const each of folded) each.open = false;
  });
})();

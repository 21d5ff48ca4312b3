// The pictures of the pages as shapes, drawn by dom.js: a sprite file would be one more request and one more parser.
// Icons are strokes on a grid of 16, glyphs (one for each level, so that colour never speaks alone) fills on a grid of
// 22.

const path = (d) => ["path", { d }];

export const ICONS = {
  search: [["circle", { cx: 7, cy: 7, r: 4.2 }], path("M10.2 10.2l3.3 3.3")],
  pause: [path("M5.5 3.5v9M10.5 3.5v9")],
  play: [path("M5 3.2l7.2 4.8L5 12.8z")],
  sliders: [
    path("M2.5 5h5.8M11.7 5h1.8M2.5 11h1.8M7.7 11h5.8"),
    ["circle", { cx: 10, cy: 5, r: 1.7 }],
    ["circle", { cx: 6, cy: 11, r: 1.7 }],
  ],
  copy: [
    ["rect", { x: 5.5, y: 5.5, width: 8, height: 8, rx: 1.8 }],
    path("M3.7 10.5a1.2 1.2 0 0 1-1.2-1.2V3.7c0-.7.5-1.2 1.2-1.2h5.6c.7 0 1.2.5 1.2 1.2"),
  ],
  download: [path("M8 2.5v7.6M4.8 7.2L8 10.3l3.2-3.1M2.8 13.3h10.4")],
  check: [path("M3.2 8.6l3.1 3.1 6.5-7.2")],
  bell: [path("M3.8 11.3V7.2a4.2 4.2 0 0 1 8.4 0v4.1M2.5 11.3h11M6.7 13.6h2.6")],
  plus: [path("M8 3.2v9.6M3.2 8h9.6")],
  x: [path("M4 4l8 8M12 4l-8 8")],
  chev: [path("M4.5 6.3L8 9.8l3.5-3.5")],
  tag: [path("M2.5 8.1V2.5h5.6l5.4 5.4-5.6 5.6z"), ["circle", { cx: 5.6, cy: 5.6, r: 0.6 }]],
  plug: [path("M5.5 2.2v3.3M10.5 2.2v3.3M3.7 5.5h8.6v2.2a4.3 4.3 0 0 1-8.6 0zM8 12v2")],
  key: [["circle", { cx: 5.2, cy: 10.8, r: 2.7 }], path("M7.2 8.8l5.6-5.6M10.4 5.6l2 2")],
  drum: [
    path("M2.8 4.3c0-1.1 2.3-2 5.2-2s5.2.9 5.2 2-2.3 2-5.2 2-5.2-.9-5.2-2zM2.8 4.3v7.4c0 1.1 2.3 2 5.2 2s5.2-.9 5.2-2V4.3M2.8 8c0 1.1 2.3 2 5.2 2s5.2-.9 5.2-2"),
  ],
  gauge: [path("M2.6 11.5a5.6 5.6 0 1 1 10.8 0M8 10.2l2.4-3.4")],
  clock: [["circle", { cx: 8, cy: 8, r: 5.5 }], path("M8 5v3.2l2 1.3")],
};

const RING = "M6.34 15.054A7.25 7.25 0 1 1 15.66 15.054";
const SOLID = "M5.536 16.011A8.5 8.5 0 1 1 16.464 16.011z";
const BASE = ["rect", { x: 7, y: 18, width: 8, height: 2.5, rx: 1.25, fill: "currentColor" }];
const stroke = (d, opacity = 1) => [
  "path",
  { d, fill: "none", stroke: "currentColor", "stroke-width": 2.5, "stroke-opacity": opacity },
];
const solid = (cut) => ["path", { d: SOLID + cut, fill: "currentColor", "fill-rule": "evenodd" }];
const bar = (x, y, width, height) => ["rect", { x, y, width, height, rx: 0.75, fill: "currentColor" }];

export const GLYPHS = {
  ok: [
    stroke(RING, 0.32),
    stroke("M6.34 15.054A7.25 7.25 0 0 1 13.095 2.559"),
    ["circle", { cx: 11, cy: 9.5, r: 2.75, fill: "currentColor" }],
    BASE,
  ],
  warning: [
    stroke(RING, 0.32),
    stroke("M6.34 15.054A7.25 7.25 0 1 1 18.21 8.742"),
    bar(10, 5, 2, 6),
    bar(10, 13, 2, 2),
    BASE,
  ],
  critical: [solid("M10 4v7h2v-7zM10 13v2h2v-2z"), BASE],
  exceeded: [solid("M5.5 8v3h11v-3z"), BASE],
  paused: [stroke(RING), bar(8, 6, 2, 7), bar(12, 6, 2, 7), BASE],
};

//! The room's rules as a whole: geometry, what a document may hold, and that no numbers can break it.
//!
//! Rules of one file alone are tested in that file.

use super::*;
use proptest::prelude::*;
use roxmltree::{Document, Node};

const USD: i64 = 1_000_000_000;
const MONTH: Size = Size { width: 584, height: 196 };

fn series(count: usize) -> Vec<Series> {
    let names = ["openai", "gemini", "anthropic", "groq", "mistral", "ollama"];
    let keys: Vec<_> = (0..count).map(|i| (Some(names[i % 6]), None)).collect();
    let colours = palette(&keys, true).into_iter().zip(keys);
    let series = colours.map(|(colour, (key, _))| Series {
        key: key.map(str::to_owned),
        provider: key.map(str::to_owned),
        colour,
    });
    series.collect()
}

/// A column of segments, one a series, in their order.
fn column(values: &[i64]) -> Column {
    let segment = |(series, &value)| Segment { series, value };
    Column { segments: values.iter().enumerate().map(segment).collect(), ..Column::default() }
}

/// Thirty days, $0.12, $0.14 and $0.10 on the first, the 22nd current, $0.50 projected on the 23rd.
fn month() -> Chart {
    let mut columns = vec![Column::default(); 30];
    columns[0] = column(&[USD * 12 / 100, USD * 14 / 100, USD / 10]);
    columns[9] = column(&[USD * 174 / 100]);
    columns[21] = column(&[USD * 64 / 100, 0, USD / 2]);
    columns[21].current = true;
    columns[21].projected = USD / 2;
    columns[22].projected = USD / 2;
    for day in [1, 5, 10, 15, 22, 26, 30] {
        columns[day - 1].label = Some(day.to_string());
    }
    Chart {
        unit: Unit::Usd,
        columns,
        series: series(3),
        rule: Some(Rule { value: USD * 5 / 4, label: "$1.25 a day fits $37.50".into() }),
    }
}

fn chart_of(columns: Vec<Column>) -> Chart {
    Chart { unit: Unit::Usd, columns, series: series(6), rule: None }
}

fn draw_light(chart: &Chart, size: Size) -> String {
    svg(chart, Theme::Light, size).unwrap()
}

/// The elements named `name` with `attribute="value"`, and each one's x, y, width and height where it has them.
fn found(document: &str, name: &str, attribute: &str, value: &str) -> Vec<[Option<f64>; 4]> {
    let document = Document::parse(document).unwrap();
    let wanted = |node: &Node| node.has_tag_name(("http://www.w3.org/2000/svg", name));
    let nodes = document.descendants().filter(wanted);
    let nodes = nodes.filter(|node| node.attribute(attribute) == Some(value));
    let number = |node: &Node, name: &str| node.attribute(name).and_then(|text| text.parse().ok());
    let nodes = nodes.map(|node| ["x", "y", "width", "height"].map(|name| number(&node, name)));
    nodes.collect()
}

/// Rectangles by their fill.
fn rects(document: &str, fill: &str) -> Vec<[f64; 4]> {
    let rects = found(document, "rect", "fill", fill).into_iter();
    rects.map(|rect| rect.map(Option::unwrap)).collect()
}

fn texts(document: &str) -> Vec<String> {
    let document = Document::parse(document).unwrap();
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    texts.filter_map(|node| node.text().map(str::to_owned)).collect()
}

#[test]
fn column_i_starts_at_38_and_i_nths_of_the_width_less_44() {
    let document = draw_light(&month(), MONTH);
    assert_eq!(rects(&document, "#F4F5F7"), [[416.0, 10.0, 18.0, 164.0]], "the band");
    let narrow = Size { width: 426, height: 180 };
    let document = draw_light(&month(), narrow);
    assert_eq!(rects(&document, "#F4F5F7"), [[305.4, 10.0, 12.7, 148.0]], "38 + 21 * 382 / 30");
}

#[test]
fn bars_are_70_percent_of_a_column_and_stand_1_px_apart_from_each_other_and_the_axis() {
    let document = draw_light(&month(), MONTH);
    // $2.00 is 164 px high: $0.12 ends 9.84 px above the axis at 174, $0.26 21.32 px, $0.36 29.52 px.
    assert_eq!(rects(&document, "#16A08B")[0], [40.5, 164.2, 13.0, 8.8]);
    assert_eq!(rects(&document, "#2F5FD6")[0], [40.5, 152.7, 13.0, 10.5]);
    assert_eq!(rects(&document, "#944795")[0], [40.5, 144.5, 13.0, 7.2]);
}

#[test]
fn a_projection_is_dashed_and_stands_on_what_is_spent() {
    let document = draw_light(&month(), MONTH);
    // $1.14 spent ends at 80.5, $1.64 at 39.5; on an empty day the outline stands on the axis.
    let ghosts = rects(&document, "#F0F2F5");
    assert_eq!(ghosts, [[419.0, 39.5, 12.0, 40.0], [437.0, 133.0, 12.0, 41.0]]);
    assert_eq!(found(&document, "rect", "stroke-dasharray", "2 2").len(), 2);
}

#[test]
fn the_rule_is_dashed_and_its_label_stands_on_the_background() {
    let document = draw_light(&month(), MONTH);
    assert!(document.contains(
        r##"<line x1="38" y1="71.5" x2="578" y2="71.5" stroke="#535A66" stroke-width="1" stroke-dasharray="4 3"/>"##
    ));
    assert_eq!(rects(&document, "#FFFFFF")[1], [445.2, 55.5, 132.8, 14.0]);
}

/// The rule's words: where they stand on the background, the first rectangle of which is the whole picture.
fn words_of_rule(document: &str) -> [f64; 4] {
    rects(document, "#FFFFFF")[1]
}

#[test]
fn the_words_of_a_rule_leave_todays_bar_whole() {
    // The last day of a month, when all columns but today's are low; then when none is.
    for spent in [USD / 10, 3 * USD] {
        let mut chart = chart_of(vec![column(&[spent]); 30]);
        chart.columns[29] = column(&[2 * USD]);
        chart.columns[29].current = true;
        chart.rule = Some(Rule { value: USD * 6 / 10, label: "$0.60 a day fits $18.00".into() });
        for width in [426, 584, 1200] {
            let document = draw_light(&chart, Size { width, height: 196 });
            let [left, top, width, height] = words_of_rule(&document);
            let bars = rects(&document, "#16A08B");
            assert_eq!(bars.len(), 30);
            for [x, y, w, h] in bars {
                let beside = x + w <= left || left + width <= x || y + h <= top || top + height <= y;
                assert!(beside, "the words at {left} {top} cover the bar at {x} {y}");
            }
            let [x, _, w, _] = rects(&document, "#F4F5F7")[0];
            assert!(left + width <= x + 0.1 || x + w <= left, "the words cut today's band");
        }
    }
}

#[test]
fn a_rule_at_the_top_has_its_label_below_and_one_far_beyond_has_no_line() {
    let mut chart = month();
    chart.rule = Some(Rule { value: 2 * USD, label: "$2.00 a day".into() });
    assert_eq!(rects(&draw_light(&chart, MONTH), "#FFFFFF")[1][1], 12.0);
    chart.rule = Some(Rule { value: 100 * USD, label: "$100.00 a day".into() });
    let document = draw_light(&chart, MONTH);
    assert!(texts(&document).contains(&"$2.00".to_owned()), "the columns keep their height");
    assert!(texts(&document).contains(&"↑ $100.00 a day".to_owned()));
    assert!(found(&document, "line", "stroke-dasharray", "4 3").is_empty());
}

#[test]
fn the_label_of_the_current_column_is_bold() {
    let document = draw_light(&month(), MONTH);
    assert_eq!(found(&document, "text", "font-weight", "600")[0][..2], [Some(425.0), Some(190.0)]);
}

#[test]
fn both_themes_draw_the_same_in_their_own_colours() {
    let (light, dark) = (draw_light(&month(), MONTH), svg(&month(), Theme::Dark, MONTH).unwrap());
    assert_eq!(rects(&light, "#16A08B"), rects(&dark, "#4CCDB5"));
    assert_eq!(rects(&dark, "#16191E")[0], [0.0, 0.0, 584.0, 196.0], "the dark background");
    assert!(!dark.contains("#FFFFFF"));
}

#[test]
fn nothing_to_draw_is_an_axis_from_zero_to_something_small() {
    for columns in [vec![], vec![Column::default(); 30], vec![column(&[0, 0]); 12]] {
        let document = draw_light(&chart_of(columns), MONTH);
        assert_eq!(texts(&document), ["$0.00", "$0.25", "$0.50", "$0.75", "$1.00"]);
        assert!(rects(&document, "#16A08B").is_empty());
    }
}

#[test]
fn however_little_was_spent_it_shows() {
    let document = draw_light(&chart_of(vec![column(&[1]), column(&[5_000 * USD])]), MONTH);
    assert_eq!(rects(&document, "#16A08B")[0][3], 1.0, "a nano-dollar beside $5,000 is 1 px");
}

#[test]
fn a_label_cannot_break_out_of_the_document() {
    let mut chart = month();
    let label = "</text><script>alert(\"1\" & '2')</script>\u{0}";
    chart.columns[0].label = Some(label.into());
    chart.rule = Some(Rule { value: USD, label: label.into() });
    let document = draw_light(&chart, MONTH);
    assert!(!document.contains("<script"));
    let shown = label.replace('\u{0}', "\u{fffd}");
    assert_eq!(texts(&document).iter().filter(|text| **text == shown).count(), 2);
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let (width, height) = (159, 120);
    let refused = svg(&month(), Theme::Light, Size { width, height });
    assert!(matches!(refused, Err(ChartError::Size { width: 159, height: 120 })));

    let mut chart = month();
    chart.columns[3] = column(&[1, 1, 1, 1]);
    let refused = svg(&chart, Theme::Light, MONTH);
    assert!(matches!(refused, Err(ChartError::Series { series: 3, count: 3 })));

    let mut chart = month();
    chart.series[0].colour.light = "\"/><script/>".into();
    assert!(matches!(svg(&chart, Theme::Light, MONTH), Err(ChartError::Colour(_))));
}

#[test]
fn a_png_has_the_asked_size_and_the_colours_of_its_bars() {
    let bytes = png(&month(), Theme::Light, MONTH).unwrap();
    let mut reader = ::png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((frame.width, frame.height), (584, 196));
    let pixel = |x: usize, y: usize| &pixels[(y * 584 + x) * 3..][..3];
    assert_eq!(pixel(0, 100), [0xff; 3], "background");
    assert_eq!(pixel(47, 170), [0x16, 0xa0, 0x8b], "the first segment of the first day");
    assert_eq!(pixel(425, 190 - 100), [0x94, 0x47, 0x95], "the last segment of today");
    assert_eq!(pixel(425, 15), [0xf4, 0xf5, 0xf7], "the band");
    let label = (45..49).flat_map(|x| (180..192).map(move |y| (x, y)));
    assert!(label.clone().any(|(x, y)| pixel(x, y)[0] < 0xc0), "the label of day 1 is written");
}

fn any_chart() -> impl Strategy<Value = Chart> {
    let value = prop_oneof![Just(0), 0..10 * USD, 0..=i64::MAX, Just(9_000_000_000_000_000_000), Just(-1)];
    let segments = prop::collection::vec((0_usize..6, value.clone()), 0..7);
    let label = prop::option::of("\\PC{0,12}");
    let column =
        (label, any::<bool>(), segments, value.clone()).prop_map(|(label, current, segments, projected)| Column {
            label,
            current,
            segments: segments.into_iter().map(|(series, value)| Segment { series, value }).collect(),
            projected,
        });
    let rule = prop::option::of((value, "\\PC{0,40}").prop_map(|(value, label)| Rule { value, label }));
    (any::<bool>(), prop::collection::vec(column, 0..60), rule).prop_map(|(usd, columns, rule)| Chart {
        unit: if usd { Unit::Usd } else { Unit::Tokens },
        columns,
        series: series(6),
        rule,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_numbers_make_a_document_of_rect_line_and_text_inside_its_picture(
        chart in any_chart(), dark: bool, width in 160_u32..=4096, height in 120_u32..=2048,
    ) {
        let theme = if dark { Theme::Dark } else { Theme::Light };
        let text = svg(&chart, theme, Size { width, height }).unwrap();
        let document = Document::parse(&text).unwrap();
        let (width, height) = (f64::from(width), f64::from(height));
        for node in document.root_element().children().filter(Node::is_element) {
            let name = node.tag_name().name();
            prop_assert!(["rect", "line", "text"].contains(&name), "no {name} in a chart");
            for attribute in node.attributes() {
                let Ok(value) = attribute.value().parse::<f64>() else { continue };
                let bound = match attribute.name() {
                    "x" | "x1" | "x2" | "width" => width,
                    "y" | "y1" | "y2" | "height" => height,
                    _ => continue,
                };
                prop_assert!((0.0..=bound).contains(&value), "{attribute:?} is outside");
            }
        }
    }

    #[test]
    fn the_words_of_a_rule_cover_no_column(chart in any_chart(), width in 160_u32..1200, height in 120_u32..400) {
        let document = draw_light(&chart, Size { width, height });
        let Some(&[left, top, wide, high]) = rects(&document, "#FFFFFF").get(1) else { return Ok(()) };
        let fills: Vec<_> = series(6).into_iter().map(|series| series.colour.light).chain(["#F0F2F5".to_owned()]).collect();
        for [x, y, w, h] in fills.iter().flat_map(|fill| rects(&document, fill)) {
            let beside = x + w <= left || left + wide <= x || y + h <= top || top + high <= y;
            prop_assert!(beside, "the words at {left} {top} cover the bar at {x} {y}");
        }
    }

    #[test]
    fn segments_of_a_column_never_overlap(values in prop::collection::vec(0_i64..5 * USD, 1..6)) {
        let document = draw_light(&chart_of(vec![column(&values)]), MONTH);
        let colours: Vec<_> = series(6).into_iter().map(|series| series.colour.light).collect();
        let mut bars: Vec<_> = colours.iter().flat_map(|colour| rects(&document, colour)).collect();
        bars.sort_by(|a, b| a[1].total_cmp(&b[1]));
        for pair in bars.windows(2) {
            prop_assert!(pair[0][1] + pair[0][3] <= pair[1][1] + 0.01, "{pair:?} overlap");
        }
    }

    #[test]
    fn any_numbers_make_a_png(chart in any_chart()) {
        let bytes = png(&chart, Theme::Dark, Size { width: 160, height: 120 }).unwrap();
        prop_assert!(bytes.starts_with(b"\x89PNG"));
    }
}

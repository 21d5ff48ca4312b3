//! Which columns get a label under the axis, so that no two ever touch.
//!
//! Widths are guessed, and guessed wide: an SVG is set in whatever font its reader has. Not here: the words, which
//! the caller offers, and the figures of the upward axis, see `scale`.

use super::Column;
use plotters_backend::text_anchor::HPos;

/// A character of 11 px text at its widest that labels are made of, and the air between two labels; tenths of a px.
const CHARACTER: i32 = 71;
const AIR: i32 = 70;

/// One label: its column, where it is anchored, and the room it takes, in tenths of a pixel.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub column: usize,
    pub x: i32,
    pub anchor: HPos,
    left: i32,
    right: i32,
}

impl Place {
    fn collides(&self, other: &Self) -> bool {
        self.column != other.column && self.left < other.right + AIR && other.left < self.right + AIR
    }
}

/// Chooses among the columns that offer a label, given each column's middle and the picture's width in tenths of a
/// pixel. The current column's label always stands; the others at the closest even stride that fits, less those it
/// crowds out; then the last, if there is room.
pub(super) fn choose(columns: &[Column], middle: impl Fn(usize) -> i32, width: i32) -> Vec<Place> {
    let offered = columns.iter().enumerate().filter_map(|(index, column)| {
        let label = column.label.as_deref().filter(|label| !label.is_empty())?;
        let place = place(index, label, middle(index), width);
        Some((place, column.current))
    });
    let (current, others): (Vec<_>, Vec<_>) = offered.partition(|&(_, current)| current);
    let others: Vec<Place> = others.into_iter().map(|(place, _)| place).collect();

    let mut chosen: Vec<Place> = current.into_iter().map(|(place, _)| place).take(1).collect();
    let stride = (1..others.len()).find(|&stride| {
        let (some, next) = (others.iter().step_by(stride), others.iter().step_by(stride));
        some.zip(next.skip(1)).all(|(a, b)| !a.collides(b))
    });
    for &other in others.iter().step_by(stride.unwrap_or(others.len().max(1))).chain(others.last()) {
        let crowded = |taken: &Place| taken.column == other.column || taken.collides(&other);
        if !chosen.iter().any(crowded) {
            chosen.push(other);
        }
    }
    chosen.sort_by_key(|place| place.column);
    chosen
}

/// In the middle of its column, or against the picture's edge where it would leave the picture.
fn place(column: usize, label: &str, middle: i32, width: i32) -> Place {
    let room = i32::try_from(label.chars().count()).unwrap_or(i32::MAX).saturating_mul(CHARACTER).min(width);
    let (x, anchor, left) = if middle - room / 2 < 0 {
        (0, HPos::Left, 0)
    } else if middle + room / 2 > width {
        (width, HPos::Right, width - room)
    } else {
        (middle, HPos::Center, middle - room / 2)
    };
    Place { column, x, anchor, left, right: left + room }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn columns(labels: &[&str], current: usize) -> Vec<Column> {
        let column = |(index, label): (usize, &&str)| Column {
            label: Some((*label).to_owned()).filter(|label| !label.is_empty()),
            current: index == current,
            ..Column::default()
        };
        labels.iter().enumerate().map(column).collect()
    }

    /// The labels chosen in a picture of `width_px`.
    fn chosen(columns: &[Column], width_px: i32) -> Vec<&str> {
        let n = columns.len() as i32;
        let middle = |i: usize| 380 + (2 * i as i32 + 1) * (width_px * 10 - 440) / (2 * n);
        let places = choose(columns, middle, width_px * 10);
        for pair in places.windows(2) {
            let (a, b) = (pair[0].column, pair[1].column);
            assert!(!pair[0].collides(&pair[1]), "labels of columns {a} and {b} touch");
        }
        let label = |place: &Place| columns[place.column].label.as_deref();
        places.iter().filter_map(label).collect()
    }

    fn days(offered: impl Fn(usize) -> bool) -> Vec<String> {
        let day = |day| {
            if offered(day) { day.to_string() } else { String::new() }
        };
        (1..=30).map(day).collect()
    }

    #[test]
    fn labels_that_fit_all_stand() {
        let days = days(|day| [1, 5, 10, 15, 22, 26, 30].contains(&day));
        let days: Vec<_> = days.iter().map(String::as_str).collect();
        for width_px in [426, 584] {
            assert_eq!(chosen(&columns(&days, 21), width_px), ["1", "5", "10", "15", "22", "26", "30"]);
        }
    }

    #[test]
    fn the_current_label_crowds_out_its_neighbours() {
        let hours: Vec<_> = (0..24)
            .map(|hour| if hour % 3 == 0 || hour == 14 { format!("{hour:02}") } else { String::new() })
            .collect();
        let hours: Vec<_> = hours.iter().map(String::as_str).collect();
        assert_eq!(chosen(&columns(&hours, 14), 426), ["00", "03", "06", "09", "12", "14", "18", "21"]);
    }

    #[test]
    fn labels_on_every_column_are_thinned_evenly() {
        let days = days(|_| true);
        let days: Vec<_> = days.iter().map(String::as_str).collect();
        assert_eq!(
            chosen(&columns(&days, 99), 426),
            ["1", "3", "5", "7", "9", "11", "13", "15", "17", "19", "21", "23", "25", "27", "29"]
        );
    }

    #[test]
    fn a_label_that_would_leave_the_picture_leans_on_its_edge() {
        let days = columns(&["", "24 November"], 1);
        let places = choose(&days, |i| [1000, 3900][i], 4260);
        assert_eq!((places[0].x, places[0].right), (4260, 4260));
    }

    proptest! {
        #[test]
        fn no_two_labels_ever_touch(
            labels in prop::collection::vec("[0-9A-Za-z ]{0,12}", 1..400), current in 0_usize..400, width_px in 160..4096,
        ) {
            let labels: Vec<_> = labels.iter().map(String::as_str).collect();
            let columns = columns(&labels, current);
            let chosen = chosen(&columns, width_px);
            if let Some(label) = columns.get(current).and_then(|column| column.label.as_deref()) {
                prop_assert!(chosen.contains(&label), "the current column keeps its label");
            }
        }
    }
}

//! Times on the wire: RFC 3339 with milliseconds. Written by hand, digit by digit, because every answer carries several
//! and a general formatter costs more than the rest of a check.

use chrono::{DateTime, Datelike, Offset, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};

/// An instant in UTC: `2026-11-22T14:40:05.123Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(pub DateTime<Utc>);

/// An instant in a zone, to the second: `2026-11-22T00:00:00+01:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ZonedStamp(pub DateTime<Utc>, pub Tz);

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = Digits::new();
        text.date_and_time(&self.0.naive_utc());
        text.push(b'.');
        text.number(self.0.timestamp_subsec_millis().min(999), 3);
        text.push(b'Z');
        text.serialize(serializer)
    }
}

impl Serialize for ZonedStamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let utc = self.0.naive_utc();
        let offset = self.1.offset_from_utc_datetime(&utc).fix();
        let seconds = offset.local_minus_utc();
        let Some(local) = utc.checked_add_offset(offset) else { return Stamp(self.0).serialize(serializer) };
        let mut text = Digits::new();
        text.date_and_time(&local);
        // RFC 3339 has no seconds in an offset; zones with them are long past.
        let minutes = seconds.unsigned_abs() / 60;
        text.push(if seconds < 0 { b'-' } else { b'+' });
        text.number(minutes / 60, 2);
        text.push(b':');
        text.number(minutes % 60, 2);
        text.serialize(serializer)
    }
}

struct Digits {
    bytes: [u8; 40],
    len: usize,
}

impl Digits {
    fn new() -> Digits {
        Digits { bytes: [0; 40], len: 0 }
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    fn number(&mut self, number: u32, width: u32) {
        for place in (0..width).rev() {
            self.push(b'0' + (number / 10_u32.pow(place) % 10) as u8);
        }
    }

    fn date_and_time(&mut self, at: &chrono::NaiveDateTime) {
        let numbers = [
            (at.year().clamp(0, 9_999).unsigned_abs(), 4, b'-'),
            (at.month(), 2, b'-'),
            (at.day(), 2, b'T'),
            (at.hour(), 2, b':'),
            (at.minute(), 2, b':'),
        ];
        for (number, width, after) in numbers {
            self.number(number, width);
            self.push(after);
        }
        self.number(at.second(), 2);
    }

    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = std::str::from_utf8(self.bytes.get(..self.len).unwrap_or_default());
        serializer.serialize_str(text.map_err(serde::ser::Error::custom)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::SecondsFormat;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_stamp_is_what_a_general_formatter_writes(ms in 0_i64..4_102_444_800_000, zone in 0..chrono_tz::TZ_VARIANTS.len()) {
            let at = DateTime::from_timestamp_millis(ms).unwrap();
            prop_assert_eq!(
                serde_json::to_string(&Stamp(at)).unwrap(),
                format!("{:?}", at.to_rfc3339_opts(SecondsFormat::Millis, true))
            );
            let zone = chrono_tz::TZ_VARIANTS[zone];
            let local = at.with_timezone(&zone);
            if local.offset().fix().local_minus_utc() % 60 == 0 {
                prop_assert_eq!(
                    serde_json::to_string(&ZonedStamp(at, zone)).unwrap(),
                    format!("{:?}", local.to_rfc3339_opts(SecondsFormat::Secs, false))
                );
            }
        }
    }
}

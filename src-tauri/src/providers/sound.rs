//! How long a file of sound is, in seconds: by its own words where they are cheap to read (WAVE, MP3, Ogg, FLAC, MPEG-4),
//! else by its size as if it were speech at its smallest. It errs high, for it is held against budgets.
//!
//! Deliberately not here: what is heard in it. No more than frames are looked at.

use memchr::memmem;

/// Speech is not coded in less than 8 kbit a second: that is the least bitrate of MP3, and Opus and AAC are hardly used
/// below it. Music takes ten times as much and more, so that this counts it high.
pub const BYTES_A_SECOND_MIN: u64 = 1_000;

/// Seconds, rounded up; of an empty file one, since none would be free.
pub fn seconds(file: &[u8]) -> u64 {
    let told = wave(file).or_else(|| flac(file)).or_else(|| mpeg4(file)).or_else(|| ogg(file)).or_else(|| mp3(file));
    told.unwrap_or_else(|| by_size(file.len())).max(1)
}

fn by_size(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(BYTES_A_SECOND_MIN)
}

/// What is left of a file that does not go on as it began, in milliseconds.
fn rest_ms(bytes: usize) -> u64 {
    by_size(bytes) * 1_000
}

fn bytes<const N: usize>(file: &[u8], at: usize) -> Option<[u8; N]> {
    file.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn little(file: &[u8], at: usize) -> Option<u64> {
    bytes(file, at).map(|four| u64::from(u32::from_le_bytes(four)))
}

fn big(file: &[u8], at: usize) -> Option<u64> {
    bytes(file, at).map(|four| u64::from(u32::from_be_bytes(four)))
}

/// All that stands after the head of the samples, at the rate that the head tells. The length it tells is not believed:
/// of sound that was written as it came, it is wrong.
fn wave(file: &[u8]) -> Option<u64> {
    if !file.starts_with(b"RIFF") || file.get(8..12)? != b"WAVE" {
        return None;
    }
    let (mut at, mut rate) = (12, None);
    loop {
        let (name, size) = (bytes::<4>(file, at)?, little(file, at + 4)?);
        match &name {
            b"fmt " => {
                let frame = u64::from(u16::from_le_bytes(bytes(file, at + 20)?));
                rate = Some(little(file, at + 16)?.min(little(file, at + 12)? * frame)).filter(|rate| *rate > 0);
            }
            b"data" => return Some(((file.len() - at - 8) as u64).div_ceil(rate?)),
            _ => {}
        }
        at = at.checked_add(8)?.checked_add(usize::try_from(size + size % 2).ok()?)?;
    }
}

/// By the head, which tells the number of samples unless the file was written as it came.
fn flac(file: &[u8]) -> Option<u64> {
    let head = u64::from_be_bytes(bytes(file, 18).filter(|_| file.starts_with(b"fLaC"))?);
    let (rate, samples) = (head >> 44, head & 0xf_ffff_ffff);
    (rate > 0 && samples > 0).then(|| samples.div_ceil(rate))
}

/// By the head of the whole movie; fragments have none of their length.
fn mpeg4(file: &[u8]) -> Option<u64> {
    if file.get(4..8)? != b"ftyp" {
        return None;
    }
    let mut at = 0;
    loop {
        let (size, name) = (big(file, at)?, bytes::<4>(file, at + 4)?);
        let size = match size {
            0 => file.len() - at,
            1 => usize::try_from(u64::from_be_bytes(bytes(file, at + 8)?)).ok()?,
            size => usize::try_from(size).ok()?,
        };
        let end = at.checked_add(size.max(8))?;
        if &name == b"moov" {
            let movie = file.get(at..end)?;
            let head = memmem::find(movie, b"mvhd")? + 4;
            let (scale, length) = match movie.get(head)? {
                0 => (big(movie, head + 12)?, big(movie, head + 16).filter(|length| *length < u64::from(u32::MAX))?),
                _ => (big(movie, head + 20)?, u64::from_be_bytes(bytes(movie, head + 24)?)),
            };
            return (scale > 0 && length > 0).then(|| length.div_ceil(scale)).filter(|seconds| *seconds < 1 << 32);
        }
        at = end;
    }
}

/// By the position that each page tells, in samples since its stream began.
fn ogg(file: &[u8]) -> Option<u64> {
    const BEGINS: u8 = 2;
    let (mut at, mut rate, mut position, mut ms) = (0, 0, 0_u64, 0_u64);
    let over = |position: u64, rate: u64| if rate == 0 { 0 } else { (position.saturating_mul(1_000)).div_ceil(rate) };
    while file.get(at..)?.starts_with(b"OggS") {
        let segments = usize::from(*file.get(at + 26)?);
        let body = at + 27 + segments;
        let length: usize = file.get(at + 27..body)?.iter().map(|&size| usize::from(size)).sum();
        if file.get(at + 5)? & BEGINS != 0 {
            ms = ms.saturating_add(over(position, rate));
            position = 0;
            let head = file.get(body..)?;
            // Opus counts at 48 kHz, whatever it was made of.
            rate = if head.starts_with(b"OpusHead") {
                48_000
            } else {
                little(head, 12).filter(|rate| head.starts_with(b"\x01vorbis") && *rate > 0)?
            };
        }
        let told = u64::from_le_bytes(bytes(file, at + 6)?);
        if told != u64::MAX {
            position = position.max(told);
        }
        at = body + length;
        if at >= file.len() {
            break;
        }
    }
    let rest = rest_ms(file.len().saturating_sub(at));
    (rate > 0 && position > 0).then(|| ms.saturating_add(over(position, rate)).saturating_add(rest).div_ceil(1_000))
}

/// By its frames, one by one, so that a changing bitrate is no matter.
fn mp3(file: &[u8]) -> Option<u64> {
    const TAG_BYTES: usize = 128;
    // Of the first version, and of the others, in kbit a second.
    const RATES: [[u64; 15]; 2] = [
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];
    let mut at = 0;
    if file.starts_with(b"ID3") {
        let size = bytes::<4>(file, 6)?.iter().fold(0, |size, &seven| size << 7 | usize::from(seven & 0x7f));
        at = 10 + size;
    }
    let (mut ns, mut frames) = (0_u64, 0_u64);
    while let Some([0xff, kind, rates, _]) = bytes(file, at) {
        // Layer III alone, of any version.
        let (version, layer) = (kind >> 3 & 3, kind >> 1 & 3);
        let (bitrate, sampling) = (usize::from(rates >> 4), usize::from(rates >> 2 & 3));
        if kind >> 5 != 7 || version == 1 || layer != 1 || sampling == 3 || bitrate == 0 || bitrate == 15 {
            break;
        }
        let first = version == 3;
        let hertz = [44_100, 48_000, 32_000][sampling] >> [2_u32, 0, 1, 0][usize::from(version)];
        let samples = if first { 1_152 } else { 576 };
        let length = samples / 8 * RATES[usize::from(!first)][bitrate] * 1_000 / hertz + u64::from(rates >> 1 & 1);
        ns = ns.saturating_add(samples * 1_000_000_000 / hertz);
        frames += 1;
        at += usize::try_from(length).ok()?;
    }
    let rest = file.get(at..).unwrap_or_default();
    let rest = if rest.starts_with(b"TAG") { rest.len().saturating_sub(TAG_BYTES) } else { rest.len() };
    // One frame alone may be chance.
    (frames > 1).then(|| (ns / 1_000_000).saturating_add(rest_ms(rest)).div_ceil(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many seconds of samples, 16 kHz in 16 bits.
    fn waves(seconds: usize, told: u32) -> Vec<u8> {
        let mut file = b"RIFF\xff\xff\xff\xffWAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0\x01\0\x01\0".to_vec();
        for (number, bytes) in [(16_000_u32, 4), (32_000, 4), (2, 2), (16, 2)] {
            file.extend_from_slice(&number.to_le_bytes()[..bytes]);
        }
        file.extend_from_slice(b"data");
        file.extend_from_slice(&told.to_le_bytes());
        file.resize(file.len() + seconds * 32_000, 0);
        file
    }

    fn frames(count: usize, head: [u8; 4], length: usize) -> Vec<u8> {
        let frame = |_| head.iter().copied().chain(std::iter::repeat_n(0, length - 4));
        (0..count).flat_map(frame).collect()
    }

    fn page(flags: u8, position: u64, body: &[u8]) -> Vec<u8> {
        let mut page = b"OggS\0".to_vec();
        page.push(flags);
        page.extend_from_slice(&position.to_le_bytes());
        page.extend_from_slice(&[0; 12]);
        page.extend_from_slice(&[1, u8::try_from(body.len()).unwrap()]);
        page.extend_from_slice(body);
        page
    }

    fn boxed(name: &[u8], content: &[u8]) -> Vec<u8> {
        [&u32::try_from(content.len() + 8).unwrap().to_be_bytes(), name, content].concat()
    }

    #[test]
    fn samples_are_counted_and_not_believed() {
        assert_eq!(seconds(&waves(7, 7 * 32_000)), 7);
        for told in [0, 1, u32::MAX] {
            assert_eq!(seconds(&waves(7, told)), 7, "{told} is not what stands there");
        }
    }

    #[test]
    fn frames_are_walked_whatever_their_rate() {
        // 128 kbit at 44.1 kHz: 417 bytes and 26.12 ms each; 64 kbit: 208 bytes as long.
        let (fast, slow) = ([0xff, 0xfb, 0x90, 0], [0xff, 0xfb, 0x50, 0]);
        assert_eq!(seconds(&frames(383, fast, 417)), 11, "383 frames are 10.005 s");
        let mixed = [frames(192, fast, 417), frames(191, slow, 208)].concat();
        assert_eq!(seconds(&mixed), 11);
        let tagged = [b"ID3\x04\0\0\0\0\x01\x00".to_vec(), vec![0; 128], mixed, b"TAG".to_vec(), vec![0; 125]].concat();
        assert_eq!(seconds(&tagged), 11, "tags are no sound");
        // 24 kHz, 32 kbit: 96 bytes and 24 ms.
        assert_eq!(seconds(&frames(1_000, [0xff, 0xf3, 0x44, 0], 96)), 24);
        let broken = [frames(383, fast, 417), vec![1; 5_000]].concat();
        assert_eq!(seconds(&broken), 16, "what cannot be read counts by its size");
    }

    #[test]
    fn pages_and_heads_tell_their_length() {
        let opus = [page(2, 0, b"OpusHead"), page(0, u64::MAX, b"x"), page(4, 480_000, b"xy")].concat();
        assert_eq!(seconds(&opus), 10);
        assert_eq!(seconds(&[opus.clone(), opus].concat()), 20, "one after another");
        let vorbis = [b"\x01vorbis\0\0\0\0\x01".as_slice(), &16_000_u32.to_le_bytes()].concat();
        assert_eq!(seconds(&[page(2, 0, &vorbis), page(4, 16_001, b"xy")].concat()), 2);

        let mut flac = b"fLaC\0\0\0\x22".to_vec();
        flac.extend_from_slice(&[0; 10]);
        flac.extend_from_slice(&(16_000_u64 << 44 | 48_001).to_be_bytes());
        assert_eq!(seconds(&flac), 4);

        let head = |scale: u32, length: u32| {
            [&[0; 12], scale.to_be_bytes().as_slice(), length.to_be_bytes().as_slice()].concat()
        };
        let film = |head: &[u8]| {
            let movie = boxed(b"moov", &boxed(b"mvhd", head));
            [boxed(b"ftyp", b"M4A "), boxed(b"mdat", &[b'm'; 20_000]), movie].concat()
        };
        assert_eq!(seconds(&film(&head(1_000, 61_001))), 62);
        assert_eq!(seconds(&film(&head(1_000, 0))), 21, "fragments tell no length");
    }

    #[test]
    fn what_is_not_known_is_speech_at_its_smallest_and_nothing_is_free() {
        assert_eq!(seconds(&[7; 16_000]), 16);
        assert_eq!(seconds(b""), 1);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_are_too_odd(start in 0_usize..6, rest in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let starts: [&[u8]; 6] =
                [b"RIFF\0\0\0\0WAVE", b"fLaC", b"\0\0\0\x08ftyp", b"OggS\0\x02", b"\xff\xfb\x90\0", b"ID3"];
            seconds(&[starts[start], &rest].concat());
        }
    }
}

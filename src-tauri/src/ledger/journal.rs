//! The journal of holds: which calls are being passed on, and what is held for them.
//!
//! A hold must outlive this process, however it ends, and may cost its call no more than a moment: it is written into a
//! slot of a file, which is in the operating system's hands when the write returns. It needs no sync, because a power cut
//! ends the call too, and nothing is taken out again: a call that was settled has an entry, and its slot is free for
//! another. What stands here without an entry when the ledger is opened was cut off. Deliberately not here: what the
//! holds of scripts are, which must last longer than a connection; those are reservations in the ledger itself.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::Reservation;

/// The journal's file within the data folder.
pub const FILE: &str = "holds.journal";

/// What a hold may take, its head included. Everything a hold has is bounded, except its tags.
const SLOT_BYTES: usize = 4_096;

/// The length and the checksum of what follows them.
const HEAD_BYTES: usize = 8;

/// How many calls may be under way at once.
const SLOTS_MAX: u32 = 65_536;

/// A call that is being passed on: what is held for it, and what its entry will tell beside its usage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passing {
    pub hold: Arc<Reservation>,
    pub service_tier: Option<String>,
    pub session: Option<String>,
    pub operation: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// How much it may take of the units that some models are priced by in place of tokens.
    pub units: BTreeMap<String, u64>,
}

/// A place in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot(u32);

#[derive(Debug, Default)]
struct Slots {
    free: Vec<u32>,
    /// The first one that was never used.
    next: u32,
}

#[derive(Debug)]
pub struct Journal {
    file: File,
    slots: Mutex<Slots>,
}

impl Journal {
    /// Opens the journal in the data folder, and reads what stands in it.
    ///
    /// # Errors
    /// The file cannot be opened or read.
    pub fn open(folder: &Path) -> io::Result<(Journal, Vec<(Slot, Passing)>)> {
        let path = folder.join(FILE);
        crate::paths::private_file(&path)?;
        let mut file = OpenOptions::new().read(true).write(true).open(&path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let (mut slots, mut found) = (Slots::default(), Vec::new());
        for slot in bytes.chunks(SLOT_BYTES) {
            match read(slot) {
                Some(passing) => found.push((Slot(slots.next), passing)),
                None => slots.free.push(slots.next),
            }
            slots.next += 1;
        }
        Ok((Journal { file, slots: Mutex::new(slots) }, found))
    }

    /// Writes a hold down.
    ///
    /// # Errors
    /// The file cannot be written, or too many calls are under way.
    pub fn hold(&self, passing: &Passing) -> io::Result<Slot> {
        let bytes = frame(passing)?;
        let slot = {
            let mut slots = self.slots();
            match slots.free.pop() {
                Some(slot) => slot,
                None if slots.next < SLOTS_MAX => {
                    slots.next += 1;
                    slots.next - 1
                }
                None => return Err(io::Error::other(format!("{SLOTS_MAX} calls are under way"))),
            }
        };
        let written = write_at(&self.file, &bytes, u64::from(slot) * SLOT_BYTES as u64);
        if written.is_err() {
            self.free(Slot(slot));
        }
        written.map(|()| Slot(slot))
    }

    /// Gives a place free whose call has an entry.
    pub fn free(&self, slot: Slot) {
        self.slots().free.push(slot.0);
    }

    /// Forgets for good what stands in a place.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn blank(&self, slot: Slot) -> io::Result<()> {
        write_at(&self.file, &[0; HEAD_BYTES], u64::from(slot.0) * SLOT_BYTES as u64)
    }

    /// Forgets everything, once every call in it has an entry. Another ledger in this one's place knows none of them.
    pub fn forget(&self) {
        let mut slots = self.slots();
        if let Err(e) = self.file.set_len(0) {
            tracing::warn!("the journal of holds cannot be emptied: {e}");
        }
        *slots = Slots::default();
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn frame(passing: &Passing) -> io::Result<Vec<u8>> {
    let mut bytes = spelled(passing)?;
    if bytes.len() > SLOT_BYTES {
        // Tags count in no budget: a call that is cut off loses them rather than its hold.
        bytes = spelled(&Passing { tags: BTreeMap::new(), ..passing.clone() })?;
    }
    let body = bytes.get(HEAD_BYTES..).unwrap_or_default();
    let (length, sum) = (u32::try_from(body.len()).map_err(io::Error::other)?, crc32fast::hash(body));
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    bytes[4..HEAD_BYTES].copy_from_slice(&sum.to_le_bytes());
    if bytes.len() > SLOT_BYTES {
        return Err(io::Error::other("the call's names are too long"));
    }
    Ok(bytes)
}

/// A hold with room for its head.
fn spelled(passing: &Passing) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(512);
    bytes.resize(HEAD_BYTES, 0);
    postcard::to_extend(passing, bytes).map_err(io::Error::other)
}

/// What stands in a slot. One that was being written when the process ended holds a call that never went.
fn read(slot: &[u8]) -> Option<Passing> {
    let number = |at: usize| slot.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
    let (length, sum) = (usize::try_from(number(0)?).ok()?, number(4)?);
    let body = slot.get(HEAD_BYTES..HEAD_BYTES.checked_add(length)?)?;
    if crc32fast::hash(body) != sum { None } else { postcard::from_bytes(body).ok() }
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(windows)]
fn write_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        bytes = &bytes[written..];
        at += written as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::Nusd;
    use crate::domain::priced::Priced;

    fn passing(call_id: &str) -> Passing {
        let at = "2026-11-25T10:00:00Z".parse().unwrap();
        let hold = Reservation {
            call_id: call_id.to_owned(),
            at,
            deadline: at,
            provider: "openai".into(),
            model: "gpt-5-mini".into(),
            project: Some("eval".into()),
            user: None,
            key: None,
            ceiling: Nusd(123_456_789),
            ceiling_input_tokens: 10,
            ceiling_output_tokens: 20,
            priced: Priced::Catalog,
            dated: false,
        };
        Passing {
            hold: Arc::new(hold),
            service_tier: None,
            session: None,
            operation: Some("judge".into()),
            tags: BTreeMap::new(),
            units: BTreeMap::from([("input_characters".to_owned(), 9)]),
        }
    }

    #[test]
    fn what_was_held_is_found_again_and_a_torn_write_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, found) = Journal::open(folder.path()).unwrap();
        assert!(found.is_empty());
        let (one, two) = (passing("one"), passing("two"));
        journal.hold(&one).unwrap();
        let torn = journal.hold(&two).unwrap();
        let at = u64::from(torn.0) * SLOT_BYTES as u64 + 20;
        write_at(&journal.file, b"\0\0", at).unwrap();
        let (_, found) = Journal::open(folder.path()).unwrap();
        assert_eq!(found.into_iter().map(|(_, passing)| passing).collect::<Vec<_>>(), [one]);
    }

    #[test]
    fn a_free_slot_is_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, _) = Journal::open(folder.path()).unwrap();
        for n in 0..100 {
            let slot = journal.hold(&passing(&n.to_string())).unwrap();
            assert_eq!(slot, Slot(0));
            journal.free(slot);
        }
        assert_eq!(Journal::open(folder.path()).unwrap().1.len(), 1, "the last one is still readable");
    }

    #[test]
    fn a_hold_with_too_many_tags_keeps_everything_but_them() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, _) = Journal::open(folder.path()).unwrap();
        let mut large = passing("large");
        large.tags = (0..32).map(|n| (format!("tag{n}"), "x".repeat(200))).collect();
        journal.hold(&large).unwrap();
        let (_, found) = Journal::open(folder.path()).unwrap();
        assert_eq!(found[0].1, Passing { tags: BTreeMap::new(), ..large });
    }
}

//! The clipboard. On X11 and Wayland what was copied lives in the program it was copied from, so it is kept here.

use arboard::Clipboard;

/// The clipboard, once it has been used.
#[derive(Default)]
pub struct Clip(Option<Clipboard>);

impl Clip {
    /// Puts a text into the clipboard.
    ///
    /// # Errors
    /// There is no clipboard, or it refused.
    pub fn keep(&mut self, text: &str) -> Result<(), arboard::Error> {
        let clipboard = match &mut self.0 {
            Some(clipboard) => clipboard,
            none => none.insert(Clipboard::new()?),
        };
        let kept = clipboard.set_text(text);
        if kept.is_err() {
            // The display may have gone; the next try starts anew.
            self.0 = None;
        }
        kept
    }
}

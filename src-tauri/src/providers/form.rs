//! Multipart forms, in which sound is transcribed and pictures are edited: their short fields, and the weight of their
//! files.
//!
//! Deliberately not here: the files themselves, and forms that are not well made, which are weighed by their size.

use memchr::memmem;

use super::dialect::Dialect;
use super::size::Text;
use super::sound;
use super::units::UNSEEN_SECONDS;
use super::weigh::PICTURE_TOKENS;

/// A form's short fields, the tokens of all of it, and how long its sound is.
#[derive(Debug, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
    pub input_tokens: u64,
    pub sound_seconds: u64,
}

/// Fields beyond this are no settings.
const FIELD_BYTES_MAX: usize = 256;
const FIELDS_MAX: usize = 64;

impl Form {
    /// The last field of this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().rev().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// The form, if `content_type` says that it is one.
pub fn read(content_type: &str, body: &[u8]) -> Option<Form> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    });
    let boundary = boundary.filter(|boundary| !boundary.is_empty())?;
    let delimiter = format!("--{boundary}");
    let mut form = Form::default();
    let mut starts = memmem::find_iter(body, delimiter.as_bytes()).map(|at| at + delimiter.len()).peekable();
    while let Some(start) = starts.next() {
        let end = starts.peek().map_or(body.len(), |next| next - delimiter.len());
        form.part(&body[start..end]);
    }
    Some(form)
}

impl Form {
    /// OpenAI's models take at most about 20 tokens a second.
    fn sounds(&mut self, seconds: u64) {
        self.sound_seconds = self.sound_seconds.saturating_add(seconds);
        self.input_tokens = self.input_tokens.saturating_add(100 + seconds * 20);
    }

    fn part(&mut self, part: &[u8]) {
        let Some(gap) = memmem::find(part, b"\r\n\r\n") else { return };
        let head = String::from_utf8_lossy(&part[..gap]);
        let content = &part[gap + 4..];
        let content = content.strip_suffix(b"\r\n").unwrap_or(content);
        let Some(name) = parameter(&head, "name") else { return };
        if parameter(&head, "filename").is_some() || name == "file" {
            if name.starts_with("image") || name.starts_with("mask") {
                self.input_tokens += PICTURE_TOKENS;
            } else {
                self.sounds(sound::seconds(content));
            }
            return;
        }
        // Groq and Mistral fetch sound by its address or id; Groq takes it spelled out there too.
        if matches!(name, "url" | "file_url" | "file_id") && !content.is_empty() {
            self.sounds(UNSEEN_SECONDS.max(content.len() as u64 / sound::BYTES_A_SECOND_MIN));
        }
        let mut text = Text::default();
        text.add(content);
        self.input_tokens += text.tokens(Dialect::OpenAi);
        if content.len() <= FIELD_BYTES_MAX
            && self.fields.len() < FIELDS_MAX
            && let Ok(value) = std::str::from_utf8(content)
        {
            self.fields.push((name.to_owned(), value.to_owned()));
        }
    }
}

/// A quoted parameter of the part's own head.
fn parameter<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = head;
    while let Some(at) = rest.find(name) {
        let before = rest[..at].ends_with([';', ' ', '\t']);
        rest = &rest[at + name.len()..];
        if let (true, Some(value)) = (before, rest.strip_prefix("=\"")) {
            return value.split('"').next();
        }
    }
    None
}

//! File names as clients send them, and what of that is let in.

use std::fmt::{self, Display, Formatter};

/// Bytes of UTF-8. With an id before it, it stays below the 255 of most file systems.
pub const MAX_LENGTH: usize = 200;

/// A name that ends in `.pdf` and means the same everywhere: no path, nothing invisible, nothing
/// that a file system or a shell takes for something else.
///
/// # Examples
///
/// ```
/// use lightship_services::upload::FileName;
///
/// let name = FileName::decode("M%C3%A4rz%202024.pdf")?;
/// assert_eq!(name.as_str(), "März 2024.pdf");
/// assert!(FileName::decode("..%2Fetc%2Fpasswd.pdf").is_err());
/// # Ok::<(), lightship_services::upload::FileNameProblem>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileName(String);

/// What is wrong with a file name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileNameProblem {
    /// A `%` without two hexadecimal digits after it, or bytes that are no UTF-8.
    Encoding,
    /// No characters, or more than [`MAX_LENGTH`] bytes.
    Length,
    /// Not `.pdf`, or nothing before it.
    Extension,
    /// A control character, a separator of paths, or one that is not seen.
    Character,
    /// Begins with a dot, a dash or a space.
    Start,
    /// A device of some system, such as `CON`.
    Reserved,
}

impl FileName {
    /// From a header: UTF-8 with what is no ASCII, and `%` itself, as `%XX`. Decoded once.
    ///
    /// # Errors
    ///
    /// [`FileNameProblem`].
    pub fn decode(header: &str) -> Result<Self, FileNameProblem> {
        // Three for each byte at most: what is longer is too long whatever it says.
        if header.len() > MAX_LENGTH * 3 {
            return Err(FileNameProblem::Length);
        }
        let mut decoded = Vec::with_capacity(header.len());
        let mut bytes = header.bytes();
        while let Some(byte) = bytes.next() {
            decoded.push(match byte {
                b'%' => match (bytes.next().and_then(digit), bytes.next().and_then(digit)) {
                    (Some(high), Some(low)) => high * 16 + low,
                    _ => return Err(FileNameProblem::Encoding),
                },
                other => other,
            });
        }
        let name = String::from_utf8(decoded).map_err(|_| FileNameProblem::Encoding)?;
        Self::check(&name).map(|()| FileName(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn check(name: &str) -> Result<(), FileNameProblem> {
        if name.is_empty() || name.len() > MAX_LENGTH {
            return Err(FileNameProblem::Length);
        }
        if name.chars().any(is_unsafe) {
            return Err(FileNameProblem::Character);
        }
        if name.starts_with(['.', '-', ' ']) {
            return Err(FileNameProblem::Start);
        }
        let (stem, extension) = name.rsplit_once('.').ok_or(FileNameProblem::Extension)?;
        if stem.is_empty() || !extension.eq_ignore_ascii_case("pdf") {
            return Err(FileNameProblem::Extension);
        }
        // Windows looks at what stands before the first dot, whatever follows.
        let device = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
        if is_device(&device) { Err(FileNameProblem::Reserved) } else { Ok(()) }
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
        || (character.is_whitespace() && character != ' ')
        || is_invisible(character)
}

/// Those that reorder or hide the characters around them: `invoice\u{202e}fdp.exe` looks like another.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

fn is_device(name: &str) -> bool {
    let numbered = ["COM", "LPT"].iter().filter_map(|port| name.strip_prefix(port));
    matches!(name, "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered.into_iter().any(|number| {
            let mut characters = number.chars();
            let first = characters.next();
            matches!(first, Some('0'..='9' | '¹' | '²' | '³')) && characters.next().is_none()
        })
}

impl Display for FileName {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Display for FileNameProblem {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            FileNameProblem::Encoding => "it is no percent-encoded UTF-8",
            FileNameProblem::Length => "it is empty or longer than 200 bytes",
            FileNameProblem::Extension => "it does not end in .pdf",
            FileNameProblem::Character => "it has a character that file names must not have",
            FileNameProblem::Start => "it begins with a dot, a dash or a space",
            FileNameProblem::Reserved => "it is the name of a device",
        })
    }
}

impl std::error::Error for FileNameProblem {}

#[cfg(test)]
mod tests {
    use super::{FileName, FileNameProblem as Problem, MAX_LENGTH};
    use proptest::prelude::*;
    use std::path::{Component, Path};

    #[test]
    fn names_of_people_are_let_in() {
        for (header, name) in [
            ("invoice.pdf", "invoice.pdf"),
            ("Report (final), v2.PDF", "Report (final), v2.PDF"),
            ("%E5%A0%B1%E5%91%8A.pdf", "報告.pdf"),
            ("a..b.pdf", "a..b.pdf"),
            ("100%25.pdf", "100%.pdf"),
            ("console.pdf", "console.pdf"),
            ("com10.pdf", "com10.pdf"),
        ] {
            assert_eq!(FileName::decode(header).unwrap().as_str(), name);
        }
        let longest = format!("{}.pdf", "a".repeat(MAX_LENGTH - 4));
        assert_eq!(FileName::decode(&longest).unwrap().as_str(), longest);
    }

    #[test]
    fn each_danger_has_its_name() {
        let long = format!("{}.pdf", "a".repeat(MAX_LENGTH - 3));
        for (header, problem) in [
            ("", Problem::Length),
            (long.as_str(), Problem::Length),
            ("../up.pdf", Problem::Character),
            ("..%2Fup.pdf", Problem::Character),
            ("..%5Cup.pdf", Problem::Character),
            ("/etc/passwd.pdf", Problem::Character),
            ("C:up.pdf", Problem::Character),
            ("a%00.pdf", Problem::Character),
            ("a%0D%0AX-Header:1.pdf", Problem::Character),
            ("a%E2%80%AEfdp.pdf", Problem::Character),
            ("a%E2%80%A8b.pdf", Problem::Character),
            ("a%C2%A0b.pdf", Problem::Character),
            (".pdf", Problem::Start),
            ("..pdf", Problem::Start),
            ("-rf.pdf", Problem::Start),
            (" a.pdf", Problem::Start),
            ("invoice", Problem::Extension),
            ("invoice.pdf.exe", Problem::Extension),
            ("invoice.pdf ", Problem::Extension),
            ("invoice.pdf.", Problem::Extension),
            ("con.pdf", Problem::Reserved),
            ("Nul .x.pdf", Problem::Reserved),
            ("lpt1.pdf", Problem::Reserved),
            ("com%C2%B9.pdf", Problem::Reserved),
            ("100%.pdf", Problem::Encoding),
            ("a%2.pdf", Problem::Encoding),
            ("a%+1.pdf", Problem::Encoding),
            ("a%FF.pdf", Problem::Encoding),
            ("a%C0%AF.pdf", Problem::Encoding),
        ] {
            assert_eq!(FileName::decode(header), Err(problem), "{header:?}");
        }
    }

    /// Dangerous pieces more often than chance would have them.
    fn header() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<String>(),
            "[a-zA-Z0-9 _.-]{0,12}",
            "%[0-9a-fA-F]{2}",
            prop::sample::select(vec!["..", "/", "\\", "%2f", "%00", "%e2%80%ae", "con", ".", " "])
                .prop_map(str::to_owned),
        ];
        (prop::collection::vec(piece, 0..6), any::<bool>())
            .prop_map(|(pieces, is_pdf)| pieces.concat() + if is_pdf { ".pdf" } else { "" })
    }

    proptest! {
        #[test]
        fn what_is_let_in_is_one_plain_component(header in header()) {
            let Ok(name) = FileName::decode(&header) else { return Ok(()) };
            let name = name.as_str();
            prop_assert!(name.len() <= MAX_LENGTH && name.to_ascii_lowercase().ends_with(".pdf"));
            prop_assert!(!name.chars().any(char::is_control));
            let components: Vec<_> = Path::new(name).components().collect();
            prop_assert_eq!(components, [Component::Normal(name.as_ref())]);
            prop_assert!(!name.contains('\\') && !name.starts_with('.'));
        }

        #[test]
        fn plain_names_come_back_as_they_are(stem in "[a-zA-Z0-9_][a-zA-Z0-9 _().,+-]{4,40}") {
            let name = format!("{stem}.pdf");
            let decoded = FileName::decode(&name).unwrap();
            prop_assert_eq!(decoded.as_str(), name);
        }
    }
}

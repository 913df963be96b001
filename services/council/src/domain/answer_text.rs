//! The answer of a chair while it is written: the text of one member of a JSON object that is not complete yet.

/// The member whose text is shown.
const MEMBER: &str = "answer";

/// Reads the object piece by piece and gives the text as it grows. What stands before the object, such as the fence of a
/// code block, is passed over; what is no JSON gives nothing.
#[derive(Debug, Default)]
pub struct AnswerText {
    depth: usize,
    /// The next string on the first level is a member's name.
    name_next: bool,
    name: String,
    string: Option<Kind>,
    escape: Escape,
    /// The first half of a character that JSON writes as two escapes.
    half: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Name,
    Wanted,
    Other,
}

#[derive(Debug, Default)]
enum Escape {
    #[default]
    None,
    Begun,
    Code(String),
}

impl AnswerText {
    /// The text that this piece adds.
    pub fn feed(&mut self, piece: &str) -> String {
        let mut text = String::new();
        for c in piece.chars() {
            match self.string {
                Some(kind) => self.inside(c, kind, &mut text),
                None => self.outside(c),
            }
        }
        text
    }

    fn outside(&mut self, c: char) {
        match c {
            '{' | '[' => {
                self.depth += 1;
                self.name_next = self.depth == 1 && c == '{';
            }
            '}' | ']' => self.depth = self.depth.saturating_sub(1),
            ',' if self.depth == 1 => self.name_next = true,
            '"' if self.depth > 0 => {
                let kind = match (self.depth, self.name_next) {
                    (1, true) => Kind::Name,
                    (1, false) if self.name == MEMBER => Kind::Wanted,
                    _ => Kind::Other,
                };
                if kind == Kind::Name {
                    self.name.clear();
                    self.name_next = false;
                }
                self.string = Some(kind);
            }
            _ => {}
        }
    }

    fn inside(&mut self, c: char, kind: Kind, text: &mut String) {
        let said = match (&mut self.escape, c) {
            (Escape::None, '"') => {
                self.string = None;
                None
            }
            (Escape::None, '\\') => {
                self.escape = Escape::Begun;
                None
            }
            (Escape::None, c) => Some(c),
            (Escape::Begun, 'u') => {
                self.escape = Escape::Code(String::new());
                None
            }
            (Escape::Begun, c) => {
                self.escape = Escape::None;
                Some(named(c))
            }
            (Escape::Code(digits), c) => {
                digits.push(c);
                if digits.len() < 4 {
                    return;
                }
                let unit = u16::from_str_radix(digits, 16).unwrap_or(0xFFFD);
                self.escape = Escape::None;
                self.unit(unit)
            }
        };
        match (said, kind) {
            (Some(c), Kind::Wanted) => text.push(c),
            (Some(c), Kind::Name) => self.name.push(c),
            _ => {}
        }
    }

    /// A character of UTF-16, as escapes write it; halves are kept until they are whole.
    fn unit(&mut self, unit: u16) -> Option<char> {
        let units = self.half.take().into_iter().chain([unit]);
        match char::decode_utf16(units).last()? {
            Ok(c) => Some(c),
            Err(_) if (0xD800..0xDC00).contains(&unit) => {
                self.half = Some(unit);
                None
            }
            Err(_) => Some(char::REPLACEMENT_CHARACTER),
        }
    }
}

/// What stands for a character after a backslash.
fn named(c: char) -> char {
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(pieces: impl IntoIterator<Item = impl AsRef<str>>) -> String {
        let mut reader = AnswerText::default();
        pieces.into_iter().map(|piece| reader.feed(piece.as_ref())).collect()
    }

    #[test]
    fn only_the_member_of_the_first_level_is_shown() {
        let text = r#"{"consensus":[{"answer":"no","text":"answer"}],"answer":"Yes.","x":{"answer":"no"}}"#;
        assert_eq!(read([text]), "Yes.");
        assert_eq!(read(["```json\n{ \"answer\" : \"Yes", ".\" }\n```"]), "Yes.");
        assert_eq!(read(["Certainly: \"answer\": \"no\""]), "");
        assert_eq!(read([r#"{"other":"answer","text":"no"}"#]), "");
        assert_eq!(read([r#"["answer", "no"]"#]), "");
    }

    #[test]
    fn it_grows_as_it_comes() {
        let mut reader = AnswerText::default();
        let pieces =
            [r#"{"answer":"#, r#" "One"#, r#" two\"#, r#"n\ud83"#, r#"d\ude00 th"#, "ree", r#"","x":1}"#];
        let grown: Vec<String> = pieces.iter().map(|piece| reader.feed(piece)).collect();
        assert_eq!(grown, ["", "One", " two", "\n", "😀 th", "ree", ""]);
    }

    proptest! {
        #[test]
        fn whatever_the_answer_and_wherever_it_is_cut(answer: String, before: String, cut in 1_usize..7) {
            let text = json!({ "a": before, "answer": answer, "b": [{ "answer": before }] }).to_string();
            let characters: Vec<char> = text.chars().collect();
            let pieces = characters.chunks(cut).map(|piece| piece.iter().collect::<String>());
            prop_assert_eq!(read(pieces), answer);
        }
    }
}

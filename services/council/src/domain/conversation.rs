//! What was said before a question, when a client gives the conversation along.

use witan_llm::{Message, Role};

/// In characters; the beginning is left out.
const MAX: usize = 20_000;
const LEFT_OUT: &str = "(The beginning of the conversation is left out.)\n";

/// The newest of it as context, or nothing when nothing was said.
pub(crate) fn before(messages: &[Message]) -> Option<String> {
    let said = messages.iter().map(|message| {
        let who = match message.role {
            Role::System => "Instructions",
            Role::User => "User",
            Role::Assistant => "Assistant",
        };
        format!("{who}: {}\n", message.content)
    });
    let whole: String = said.collect();
    let over = whole.chars().count().checked_sub(MAX).filter(|over| *over > 0);
    let kept = match over {
        None => whole,
        Some(over) => {
            let left: String = whole.chars().skip(over + LEFT_OUT.len()).collect();
            format!("{LEFT_OUT}{left}")
        }
    };
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_kept() {
        assert_eq!(before(&[]), None);
        let said = [Message::system("Be brief."), Message::user("Why?"), Message::assistant("Because.")];
        assert_eq!(before(&said).unwrap(), "Instructions: Be brief.\nUser: Why?\nAssistant: Because.\n");
        let long = [Message::user("first"), Message::user("\u{e9}".repeat(MAX)), Message::assistant("last")];
        let kept = before(&long).unwrap();
        assert!(kept.starts_with(LEFT_OUT) && kept.ends_with("Assistant: last\n") && !kept.contains("first"));
        assert_eq!(kept.chars().count(), MAX);
    }
}

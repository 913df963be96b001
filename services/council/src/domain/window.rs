//! How much of a session the models of a run are told: the latest in full, what is older in brief, and what has no room
//! even so is left out, and that is said. Made of the words that were said alone, so that the same session reads the same.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::SessionRole;

/// The most that a session takes of a prompt, in bytes.
const MOST: usize = 32 * 1024;
/// The share of the room that what is told in brief may take.
const BRIEF_SHARE: usize = 4;
/// Of a message that is told in brief, in characters.
const BRIEF: usize = 200;

/// What was said in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// By whom.
    pub role: SessionRole,
    /// What.
    pub content: String,
}

/// How much of a session was told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Read {
    /// Messages that were told in full.
    pub whole: usize,
    /// Older ones, of which the beginning was told.
    pub summarised: usize,
    /// The oldest ones, for which there was no room.
    pub left_out: usize,
}

/// How many bytes of a session fit beside everything else, when the smallest of the models reads and writes this many
/// tokens: a quarter of them, at four bytes each.
pub fn room(context_tokens: Option<u32>) -> usize {
    context_tokens.map_or(MOST, |tokens| usize::try_from(tokens).unwrap_or(MOST).min(MOST))
}

/// A session as its models are told it; nothing of one in which nothing was said. Messages come oldest first; `earlier` is
/// how many there were before them.
pub fn tell(messages: &[Said], earlier: usize, room: usize) -> Option<(String, Read)> {
    if messages.is_empty() {
        return None;
    }
    let needed: usize = messages.iter().map(whole_size).sum();
    let for_whole = if earlier == 0 && needed <= room { room } else { room - room / BRIEF_SHARE };
    let whole = fitting(messages, for_whole, whole_size);
    let (older, latest) = messages.split_at(messages.len() - whole);
    let summarised = fitting(older, room / BRIEF_SHARE, |said| brief(said).len() + 1);
    let left_out = earlier + older.len() - summarised;
    let mut lines = Vec::new();
    if left_out > 0 {
        lines.push(format!("({left_out} earlier messages are left out.)"));
    }
    if summarised > 0 {
        lines.push(format!("({summarised} messages, shortened:)"));
        lines.extend(older[older.len() - summarised..].iter().map(brief));
        lines.push("(In full from here on:)".to_owned());
    }
    lines.extend(latest.iter().map(|said| format!("{}: {}", name(said.role), said.content)));
    Some((lines.join("\n"), Read { whole, summarised, left_out }))
}

/// How many of the last ones fit.
fn fitting(messages: &[Said], room: usize, size: impl Fn(&Said) -> usize) -> usize {
    let mut taken = 0;
    let fits = |said: &&Said| {
        taken += size(said);
        taken <= room
    };
    messages.iter().rev().take_while(fits).count()
}

fn whole_size(said: &Said) -> usize {
    name(said.role).len() + said.content.len() + 3
}

/// Its beginning, on one line: up to the end of a sentence if one is near.
fn brief(said: &Said) -> String {
    let line = said.content.split_whitespace().collect::<Vec<_>>().join(" ");
    let begin: String = line.chars().take(BRIEF).collect();
    let end = begin.rfind([' ', '.']).filter(|_| begin.len() < line.len()).unwrap_or(begin.len());
    let sentence = begin.rfind(". ").filter(|_| begin.len() < line.len()).map_or(end, |stop| stop + 1);
    let cut = if sentence < line.len() { " \u{2026}" } else { "" };
    format!("{}: {}{cut}", name(said.role), &begin[..sentence])
}

fn name(role: SessionRole) -> &'static str {
    match role {
        SessionRole::User => "User",
        SessionRole::Assistant => "Assistant",
        SessionRole::System => "Setting",
        SessionRole::Tool => "Tool",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(role: SessionRole, content: impl Into<String>) -> Said {
        Said { role, content: content.into() }
    }

    fn talk(lengths: &[usize]) -> Vec<Said> {
        let word = |(nth, length): (usize, &usize)| {
            let text = format!("{nth}. {}", "word ".repeat(length / 5 + 1));
            said(if nth % 2 == 0 { SessionRole::User } else { SessionRole::Assistant }, text)
        };
        lengths.iter().enumerate().map(word).collect()
    }

    #[test]
    fn what_fits_is_told_as_it_was_said() {
        let messages = [said(SessionRole::User, "Raise?"), said(SessionRole::Assistant, "Not yet.")];
        let (text, read) = tell(&messages, 0, 100).unwrap();
        assert_eq!(text, "User: Raise?\nAssistant: Not yet.");
        assert_eq!(read, Read { whole: 2, summarised: 0, left_out: 0 });
        assert_eq!(tell(&[], 0, 100), None);
    }

    #[test]
    fn what_is_older_is_told_in_brief_and_the_oldest_is_counted() {
        let messages = talk(&[1_000; 40]);
        let (text, read) = tell(&messages, 7, 8_000).unwrap();
        assert!(text.starts_with(&format!("({} earlier messages are left out.)", read.left_out)), "{text}");
        assert!(read.whole >= 5 && read.summarised >= 5, "{read:?}");
        assert_eq!(read.whole + read.summarised + read.left_out, 47);
        assert!(text.ends_with(&format!("Assistant: {}", messages[39].content)));
    }

    #[test]
    fn a_brief_ends_with_a_sentence_where_one_ends() {
        let long = format!("Raise for eighteen months. {}", "Then grow and ".repeat(50));
        assert_eq!(brief(&said(SessionRole::User, long)), "User: Raise for eighteen months. \u{2026}");
        let short = said(SessionRole::Tool, "one\ntwo");
        assert_eq!(brief(&short), "Tool: one two");
    }

    #[test]
    fn a_small_model_is_told_less() {
        assert_eq!((room(None), room(Some(8_000)), room(Some(1_000_000))), (32 * 1024, 8_000, 32 * 1024));
    }

    proptest! {
        #[test]
        fn it_keeps_to_its_room_and_counts_every_message(
            lengths in prop::collection::vec(0..3_000_usize, 1..40), earlier in 0..100_usize, room in 500..20_000_usize,
        ) {
            let messages = talk(&lengths);
            let (text, read) = tell(&messages, earlier, room).unwrap();
            prop_assert_eq!(read.whole + read.summarised + read.left_out, messages.len() + earlier);
            // What says how much was left out comes on top.
            prop_assert!(text.len() <= room + 120, "{} of {}", text.len(), room);
        }
    }
}

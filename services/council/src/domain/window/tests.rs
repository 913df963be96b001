use proptest::prelude::*;

use super::*;

fn said(role: SessionRole, content: impl Into<String>) -> Said {
    Said { seq: 1, role, content: content.into() }
}

/// Without a summary.
fn past(messages: &[Said], earlier: usize) -> Past {
    Past { summary: None, earlier, messages: messages.to_vec() }
}

fn summary(text: &str, of: usize) -> Option<Summary> {
    Some(Summary { text: text.to_owned(), to: 0, of })
}

fn talk(lengths: &[usize]) -> Vec<Said> {
    let word = |(nth, length): (usize, &usize)| {
        let text = format!("{nth}. {}", "word ".repeat(length / 5 + 1));
        let role = if nth % 2 == 0 { SessionRole::User } else { SessionRole::Assistant };
        Said { seq: i32::try_from(nth).unwrap() + 1, ..said(role, text) }
    };
    lengths.iter().enumerate().map(word).collect()
}

#[test]
fn what_fits_is_told_as_it_was_said() {
    let messages = [said(SessionRole::User, "Raise?"), said(SessionRole::Assistant, "Not yet.")];
    let (text, read) = past(&messages, 0).tell(100).unwrap();
    assert_eq!(text, "User: Raise?\nAssistant: Not yet.");
    assert_eq!(read, Read { whole: 2, ..Read::default() });
    assert_eq!(past(&messages, 0).outline(100, "m"), None);
    assert_eq!(past(&[], 0).tell(100), None);
}

#[test]
fn what_is_older_is_told_in_brief_and_the_oldest_is_counted() {
    let messages = talk(&[1_000; 40]);
    let (text, read) = past(&messages, 7).tell(8_000).unwrap();
    assert!(text.starts_with(&format!("({} earlier messages are left out.)", read.left_out)), "{text}");
    assert!(read.whole >= 5 && read.summarised >= 5, "{read:?}");
    assert_eq!(read.whole + read.summarised + read.left_out, 47);
    assert_eq!(read.summary, Brevity::Shortened);
    assert!(text.ends_with(&format!("Assistant: {}", messages[39].content)));
}

#[test]
fn what_is_older_is_summarised_and_the_latest_stays_as_it_was_said() {
    let messages = talk(&[1_000; 12]);
    let outline = past(&messages, 0).outline(8_000, "m").unwrap();
    assert_eq!((outline.after, outline.to, outline.whole), (0, 9, 3));
    let (_, material) = outline.material(messages[..9].to_vec(), 128_000).unwrap();
    let summary = outline.summarised(" They want to raise. ", material);
    assert_eq!((summary.text.as_str(), summary.to, summary.of), ("They want to raise.", 9, 9));
    let (text, read) = outline.tell(&summary, material);
    assert!(text.starts_with("(9 messages, summarised:)\nThey want to raise.\n(In full"), "{text}");
    assert!(text.ends_with(&format!("Assistant: {}", messages[11].content)));
    assert_eq!(read, Read { whole: 3, summarised: 9, left_out: 0, summary: Brevity::Model });
}

#[test]
fn a_summary_is_told_until_what_came_since_has_no_room() {
    let messages = talk(&[1_000; 5]);
    let known = |messages: &[Said]| Past { summary: summary("Raise.", 9), ..past(messages, 2) };
    let (text, read) = known(&messages).tell(8_000).unwrap();
    assert_eq!(known(&messages).outline(8_000, "m"), None);
    assert!(
        text.starts_with("(2 earlier messages are left out.)\n(9 messages, summarised:)\nRaise."),
        "{text}"
    );
    assert_eq!(read, Read { whole: 5, summarised: 9, left_out: 2, summary: Brevity::Model });

    let more = talk(&[1_000; 8]);
    let outline = known(&more).outline(8_000, "m").unwrap();
    let (_, material) = outline.material(more[..5].to_vec(), 128_000).unwrap();
    assert_eq!((outline.to, outline.summarised("", material).of), (5, 14));
    let (text, read) = known(&more).tell(8_000).unwrap();
    assert!(text.contains("Raise.") && text.contains("shortened:"), "{text}");
    assert_eq!((read.summary, read.whole + read.summarised + read.left_out), (Brevity::Shortened, 19));
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
    assert_eq!((room_to_summarise(Some(8_000)), room_to_summarise(Some(1_000_000))), (16_000, 128 * 1024));
}

proptest! {
    #[test]
    fn it_keeps_to_its_room_and_counts_every_message(
        lengths in prop::collection::vec(0..3_000_usize, 1..40), earlier in 0..100_usize, room in 500..20_000_usize,
        known in prop::option::of(0..20_000_usize),
    ) {
        let messages = talk(&lengths);
        let summary = known.and_then(|length| summary(&"x".repeat(length), 10));
        let of = summary.as_ref().map_or(0, |summary| summary.of);
        let past = Past { summary, ..past(&messages, earlier) };
        let all = messages.len() + earlier + of;
        let (text, read) = past.tell(room).unwrap();
        prop_assert_eq!(read.whole + read.summarised + read.left_out, all);
        // What says how much was left out comes on top.
        prop_assert!(text.len() <= room + 120, "{} of {}", text.len(), room);
        if let Some(outline) = past.outline(room, "m") {
            let older = messages.iter().filter(|said| said.seq <= outline.to).cloned().collect();
            let (_, material) = outline.material(older, 2 * room).unwrap();
            let summary = outline.summarised(&"y".repeat(30_000), material);
            let (text, read) = outline.tell(&summary, material);
            prop_assert_eq!(read.whole + read.summarised + read.left_out, all);
            prop_assert!(text.len() <= room + 120, "{} of {}", text.len(), room);
        }
    }
}

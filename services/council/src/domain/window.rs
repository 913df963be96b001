//! How much of a session the models of a run are told: the latest in full, what is older as a model summarised it or,
//! where none did, in brief, and what has no room even so is left out, and that is said. What is told in brief is made of
//! the words that were said alone, so that the same session reads the same.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::SessionRole;

/// The most that a session takes of a prompt, in bytes.
const MOST: usize = 32 * 1024;
/// The most that is given to whoever summarises, in bytes.
const MOST_TO_SUMMARISE: usize = 128 * 1024;
/// The share of the room that what is told in brief may take, and the share that a summary may take.
const BRIEF_SHARE: usize = 4;
/// The share that is told in full once the rest is summarised: what comes next has room as well, so that not every
/// question needs another summary.
const KEPT_SHARE: usize = 2;
/// Of a message that is told in brief, in characters.
const BRIEF: usize = 200;
/// Of a summary, in bytes.
const MAX_SUMMARY: usize = MOST / BRIEF_SHARE;

/// What was said in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its number in the session.
    pub seq: i32,
    /// By whom.
    pub role: SessionRole,
    /// What.
    pub content: String,
}

/// What a model made of the beginning of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// In a few words.
    pub text: String,
    /// The number of the last message that went into it.
    pub to: i32,
    /// How many messages did.
    pub of: usize,
}

/// A session as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// What its beginning is summarised as.
    pub summary: Option<Summary>,
    /// How many messages are neither in the summary nor here.
    pub earlier: usize,
    /// What came after, oldest first.
    pub messages: Vec<Said>,
}

/// How much of a session was told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Read {
    /// Messages that were told in full.
    pub whole: usize,
    /// Older ones, which were told in brief.
    pub summarised: usize,
    /// The oldest ones, for which there was no room.
    pub left_out: usize,
    /// How the older ones were told.
    #[serde(default)]
    pub summary: Brevity,
}

/// How what is told in brief was shortened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Brevity {
    /// Nothing was.
    #[default]
    None,
    /// A model wrote a summary.
    Model,
    /// By how each message begins, because no model could be asked or none answered.
    Shortened,
}

/// How a session is told once a model has summarised what is older.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// What the beginning was summarised as before.
    pub summary: Option<Summary>,
    /// How many messages are not to be had any more.
    pub earlier: usize,
    /// What comes after this number,
    pub after: i32,
    /// up to this one is to be summarised.
    pub to: i32,
    /// What came then, in full.
    pub latest: String,
    /// How many messages that are.
    pub whole: usize,
    /// In how many bytes.
    pub room: usize,
    /// The model that is to summarise.
    pub by: String,
    /// The session as it is told if that one does not.
    pub otherwise: String,
    /// How much that is.
    pub otherwise_read: Read,
}

/// How many bytes of a session fit beside everything else, when the smallest of the models reads and writes this many
/// tokens: a quarter of them, at four bytes each.
pub fn room(context_tokens: Option<u32>) -> usize {
    context_tokens.map_or(MOST, |tokens| bytes(tokens).min(MOST))
}

/// How many bytes a model that reads and writes this many tokens can summarise: half of them.
pub fn room_to_summarise(context_tokens: Option<u32>) -> usize {
    context_tokens.map_or(MOST, |tokens| (2 * bytes(tokens)).min(MOST_TO_SUMMARISE))
}

fn bytes(tokens: u32) -> usize {
    usize::try_from(tokens).unwrap_or(MOST)
}

impl Past {
    /// As its models are told it without asking anybody; nothing of a session in which nothing was said.
    pub fn tell(&self, room: usize) -> Option<(String, Read)> {
        if self.messages.is_empty() && self.summary.is_none() {
            return None;
        }
        let share = room / BRIEF_SHARE;
        let fits = self.fits(room);
        let for_summary = if self.summary.is_some() { share } else { 0 };
        let for_brief = if fits { 0 } else { share };
        let whole = fitting(&self.messages, room - for_summary - for_brief, whole_size);
        let (older, latest) = self.messages.split_at(self.messages.len() - whole);
        let shortened = fitting(older, share, |said| brief(said).len() + 1);
        let known = self.summary.as_ref().map_or(0, |summary| summary.of);
        let left_out = self.earlier + older.len() - shortened;
        let mut lines = opening(left_out, self.summary.as_ref(), share);
        if shortened > 0 {
            lines.push(format!("({shortened} messages, shortened:)"));
            lines.extend(older[older.len() - shortened..].iter().map(brief));
        }
        let summary = match &self.summary {
            _ if shortened > 0 => Brevity::Shortened,
            Some(_) => Brevity::Model,
            None => Brevity::None,
        };
        let told = together(lines, known + shortened > 0, &in_full(latest));
        Some((told, Read { whole, summarised: known + shortened, left_out, summary }))
    }

    /// What the model `by` is to summarise first; nothing where there is room for all that was said.
    pub fn outline(&self, room: usize, by: &str) -> Option<Outline> {
        if self.fits(room) {
            return None;
        }
        let most = fitting(&self.messages, room - room / BRIEF_SHARE, whole_size);
        let whole = fitting(&self.messages, room / KEPT_SHARE, whole_size).max(most.min(1));
        let (older, latest) = self.messages.split_at(self.messages.len() - whole);
        let (otherwise, otherwise_read) = self.tell(room)?;
        Some(Outline {
            summary: self.summary.clone(),
            earlier: self.earlier,
            after: older.first()?.seq - 1,
            to: older.last()?.seq,
            latest: in_full(latest),
            whole,
            room,
            by: by.to_owned(),
            otherwise,
            otherwise_read,
        })
    }

    /// Whether all that no summary covers can be told in full. What is not to be had any more cannot be mended.
    fn fits(&self, room: usize) -> bool {
        let for_summary = if self.summary.is_some() { room / BRIEF_SHARE } else { 0 };
        let missing = self.summary.is_none() && self.earlier > 0;
        !missing && self.messages.iter().map(whole_size).sum::<usize>() <= room - for_summary
    }
}

impl Outline {
    /// The messages that are to be summarised, as whoever summarises them reads them.
    pub fn material(&self, older: Vec<Said>, room: usize) -> Option<(String, Read)> {
        Past { messages: older, ..Past::default() }.tell(room)
    }

    /// What the summary that was written covers.
    pub fn summarised(&self, text: &str, material: Read) -> Summary {
        let known = self.summary.as_ref().map_or(0, |summary| summary.of);
        let of = known + material.whole + material.summarised;
        Summary { text: cut(text.trim(), MAX_SUMMARY).to_owned(), to: self.to, of }
    }

    /// The session with a summary of what is older.
    pub fn tell(&self, summary: &Summary, material: Read) -> (String, Read) {
        let left_out = self.earlier + material.left_out;
        let lines = opening(left_out, Some(summary), self.room / BRIEF_SHARE);
        let read = Read { whole: self.whole, summarised: summary.of, left_out, summary: Brevity::Model };
        (together(lines, true, &self.latest), read)
    }
}

/// What stands before everything else.
fn opening(left_out: usize, summary: Option<&Summary>, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if left_out > 0 {
        lines.push(format!("({left_out} earlier messages are left out.)"));
    }
    if let Some(summary) = summary {
        lines.push(format!("({} messages, summarised:)", summary.of));
        lines.push(cut(&summary.text, room).to_owned());
    }
    lines
}

fn together(mut lines: Vec<String>, in_brief: bool, latest: &str) -> String {
    if in_brief {
        lines.push("(In full from here on:)".to_owned());
    }
    if !latest.is_empty() {
        lines.push(latest.to_owned());
    }
    lines.join("\n")
}

fn in_full(messages: &[Said]) -> String {
    let lines = messages.iter().map(|said| format!("{}: {}", name(said.role), said.content));
    lines.collect::<Vec<_>>().join("\n")
}

/// Its beginning, in this many bytes.
fn cut(text: &str, room: usize) -> &str {
    &text[..text.floor_char_boundary(room)]
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
mod tests;

//! What the demo prints: one line a step, with the time it took and what came back.

use std::time::{Duration, Instant};

/// Counts and prints the steps.
pub(crate) struct Report {
    done: usize,
    since: Instant,
}

impl Report {
    pub(crate) fn new() -> Report {
        Report { done: 0, since: Instant::now() }
    }

    /// Opens a chapter.
    pub(crate) fn chapter(&mut self, title: &str) {
        println!("\n\x1b[1m{title}\x1b[0m");
        self.since = Instant::now();
    }

    /// A finished step: what was done, and what came back. Its time runs from the step before.
    pub(crate) fn step(&mut self, what: &str, back: impl AsRef<str>) {
        self.done += 1;
        println!("  {:>8}  {what:<34} {}", milliseconds(self.since.elapsed()), back.as_ref());
        self.since = Instant::now();
    }

    /// A line that belongs to the step before.
    pub(crate) fn detail(&self, text: impl AsRef<str>) {
        println!("            {:<34} \x1b[2m{}\x1b[0m", "", text.as_ref());
    }

    pub(crate) fn done(&self) -> usize {
        self.done
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}

/// The first words of a text, on one line.
pub(crate) fn excerpt(text: &str, characters: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

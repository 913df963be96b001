use std::fs;

use crate::state::State;

/// What a server says when it is out of something; then nearly everything on it fails, without saying why.
const OUT_OF: [&str; 5] = ["alarm", "No space left", "PANIC", "FATAL:  sorry", "OOM"];
const MOST: usize = 5;

/// The last lines, of each server's log, that explain failures which are not those of what ran on it.
pub(crate) fn complaints(state: &State) -> Vec<String> {
    ["postgres", "redis", "rabbitmq"].iter().flat_map(|server| of(state, server)).collect()
}

fn of(state: &State, server: &str) -> Vec<String> {
    let log = fs::read(state.log(server)).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let mut said: Vec<String> = log
        .lines()
        .rev()
        .filter(|line| OUT_OF.iter().any(|sign| line.contains(sign)))
        .take(MOST)
        .map(|line| format!("{server}: {line}"))
        .collect();
    said.reverse();
    said
}

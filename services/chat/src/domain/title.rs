/// Fits a list on a phone.
const MAX_CHARS: usize = 60;

/// A conversation's title from its first message: its first line, cut between words.
pub(crate) fn from_message(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    let line = words.join(" ");
    if line.chars().count() <= MAX_CHARS {
        return line;
    }
    let head: String = line.chars().take(MAX_CHARS - 1).collect();
    let cut = head.rfind(' ').filter(|at| *at >= MAX_CHARS / 2).unwrap_or(head.len());
    format!("{}…", head[..cut].trim_end_matches([',', ';', ':', '-', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_short_line() {
        assert_eq!(from_message("  How do we price it?\n\nLong story"), "How do we price it?");
        assert_eq!(from_message("\n\n a   b "), "a b");
        let long = "We would like to enter the Austrian market next spring, and need advice on pricing";
        assert_eq!(from_message(long), "We would like to enter the Austrian market next spring…");
        assert_eq!(from_message(&"ä".repeat(100)).chars().count(), MAX_CHARS);
    }
}

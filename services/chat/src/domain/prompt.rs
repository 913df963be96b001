//! What a model is told of the persona it speaks for, and of the conversation so far.

use super::state::Role;

/// Characters of earlier messages that go along; older ones are left out whole.
const MAX_HISTORY_CHARS: usize = 24_000;

/// Everything that describes a persona.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) about: String,
    pub(crate) traits: Vec<String>,
    pub(crate) expertise: Vec<String>,
    pub(crate) style: String,
    pub(crate) pain_points: Vec<String>,
    pub(crate) responsibilities: Vec<String>,
}

/// One earlier message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) role: Role,
    pub(crate) content: String,
}

impl Profile {
    /// The instructions for a model.
    pub(crate) fn instructions(&self) -> String {
        let mut text =
            format!("You are {}, {}. Speak as this person, in the first person.", self.name, self.role);
        let paragraphs = [("About you", &self.about), ("How you speak", &self.style)];
        for (label, value) in paragraphs.into_iter().filter(|(_, value)| !value.is_empty()) {
            text.push_str(&format!("\n{label}: {value}"));
        }
        let lists = [
            ("Traits", &self.traits),
            ("You know about", &self.expertise),
            ("What troubles you", &self.pain_points),
            ("You are responsible for", &self.responsibilities),
        ];
        for (label, values) in lists.into_iter().filter(|(_, values)| !values.is_empty()) {
            text.push_str(&format!("\n{label}: {}.", values.join("; ")));
        }
        text.push_str(
            "\nSay so when you do not know. Do not claim to be a real person when asked sincerely.",
        );
        text
    }
}

/// The latest turns that fit, oldest first.
pub(crate) fn recent(turns: Vec<Turn>) -> Vec<Turn> {
    let mut left = MAX_HISTORY_CHARS;
    let mut kept: Vec<Turn> = Vec::new();
    for turn in turns.into_iter().rev() {
        let Some(rest) = left.checked_sub(turn.content.chars().count()) else { break };
        left = rest;
        kept.push(turn);
    }
    kept.reverse();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(chars: usize) -> Turn {
        Turn { role: Role::User, content: "x".repeat(chars) }
    }

    #[test]
    fn the_latest_turns_stay() {
        let kept = recent(vec![turn(1), turn(20_000), turn(3_000), turn(1_000)]);
        assert_eq!(kept.iter().map(|turn| turn.content.len()).collect::<Vec<_>>(), [20_000, 3_000, 1_000]);
        assert!(recent(vec![turn(30_000)]).is_empty());
    }

    #[test]
    fn empty_parts_are_not_mentioned() {
        let profile = Profile {
            name: "Ada".into(),
            role: "engineer".into(),
            about: String::new(),
            traits: vec![],
            expertise: vec!["looms".into(), "engines".into()],
            style: String::new(),
            pain_points: vec![],
            responsibilities: vec![],
        };
        insta::assert_snapshot!(profile.instructions(), @r"
        You are Ada, engineer. Speak as this person, in the first person.
        You know about: looms; engines.
        Say so when you do not know. Do not claim to be a real person when asked sincerely.
        ");
    }
}

//! What a workspace may make of an agent of its own.

use std::collections::HashSet;

use super::agent::{self, AGENTS, Brief, Council, Criterion};
use super::mode::Mode;
use super::sitting::MAX_MEMBERS;

/// Of a workspace.
pub const MAX_AGENTS: i64 = 50;
const MAX_CRITERIA: usize = 8;
const MAX_CHAIRS: usize = 3;

/// An agent as somebody wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct Custom {
    /// Its name for people.
    pub name: String,
    /// What it is good for.
    pub about: String,
    /// What its models are told.
    pub instructions: String,
    /// By what answers are judged.
    pub criteria: Vec<Criterion>,
    /// How it comes to answers.
    pub mode: Mode,
    /// The models of its seats; the council that the settings describe where there are none.
    pub members: Vec<String>,
    /// Who may chair, in order; the members where there are none.
    pub chairs: Vec<String>,
    /// How many must answer; more than half if not said.
    pub quorum: Option<usize>,
}

impl Custom {
    /// What is wrong with it, each with the member it stands in.
    pub fn mistakes(&self, is_model: impl Fn(&str) -> bool) -> Vec<(&'static str, String)> {
        let mut mistakes = Vec::new();
        let texts = [("/name", &self.name), ("/instructions", &self.instructions)].into_iter();
        for (pointer, _) in texts.filter(|(_, text)| text.trim().is_empty()) {
            mistakes.push((pointer, "must not be blank".to_owned()));
        }
        for (pointer, models, most) in
            [("/members", &self.members, MAX_MEMBERS), ("/chairs", &self.chairs, MAX_CHAIRS)]
        {
            if models.len() > most {
                mistakes.push((pointer, format!("has more than {most} models")));
            }
            if let Some(unknown) = models.iter().find(|model| !is_model(model)) {
                mistakes.push((pointer, format!("there is no model {unknown}")));
            }
        }
        if let Some(why) = wrong_criteria(&self.criteria) {
            mistakes.push(("/criteria", why));
        }
        match self.quorum {
            Some(_) if self.members.is_empty() => {
                mistakes.push(("/quorum", "needs `members` of the agent's own".to_owned()));
            }
            Some(quorum) if quorum == 0 || quorum > self.members.len() => {
                let most = self.members.len();
                mistakes.push(("/quorum", format!("must be from 1 to {most}, the members' number")));
            }
            _ => {}
        }
        mistakes
    }

    /// As a council needs it; `usual` is what the settings describe.
    pub fn brief(self, usual: Council) -> Brief {
        let Self { name: _, about: _, instructions, criteria, mode, members, chairs, quorum } = self;
        let own = Council { members, chairs, quorum };
        let council = match (own.members.is_empty(), own.chairs.is_empty()) {
            (false, _) => own,
            (true, false) => Council { chairs: own.chairs, ..usual },
            (true, true) => usual,
        };
        Brief { instructions, criteria, mode, council }
    }
}

fn wrong_criteria(criteria: &[Criterion]) -> Option<String> {
    if criteria.is_empty() || criteria.len() > MAX_CRITERIA {
        return Some(format!("must be from 1 to {MAX_CRITERIA}"));
    }
    let mut names = HashSet::new();
    let wrong = |criterion: &&Criterion| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let name: &str = criterion.name.as_ref();
        !name.starts_with(|c: char| c.is_ascii_lowercase())
            || !name.chars().all(plain)
            || criterion.meaning.trim().is_empty()
            || !names.insert(name.to_owned())
    };
    let wrong = criteria.iter().find(wrong)?;
    Some(format!(
        "{:?} needs a meaning and a name of its own in lower-case letters, digits and underscores",
        wrong.name
    ))
}

/// The criteria where nobody chose any: those that all agents of the product share.
pub fn usual_criteria() -> Vec<Criterion> {
    let shared = |criterion: &&Criterion| AGENTS.iter().all(|agent| agent.criteria.contains(criterion));
    AGENTS.first().map(|agent| agent.criteria.iter().filter(shared).cloned().collect()).unwrap_or_default()
}

/// Whether an agent of a workspace may be called so in requests.
///
/// # Errors
/// Why not.
pub fn check_slug(slug: &str) -> Result<(), &'static str> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let begins = slug.starts_with(|c: char| c.is_ascii_lowercase());
    if !begins || !slug.chars().all(plain) || !(2..=40).contains(&slug.len()) {
        return Err("must be 2 to 40 lower-case letters, digits and hyphens, a letter first");
    }
    Ok(())
}

/// Whether an agent of the product is called so.
pub fn is_taken(slug: &str) -> bool {
    agent::find(slug).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom() -> Custom {
        Custom {
            name: "Pricing coach".to_owned(),
            about: String::new(),
            instructions: "You advise on pricing.".to_owned(),
            criteria: usual_criteria(),
            mode: Mode::Council,
            members: vec!["a/one".to_owned(), "a/two".to_owned()],
            chairs: vec![],
            quorum: Some(2),
        }
    }

    fn criterion(name: &'static str, meaning: &'static str) -> Criterion {
        Criterion { name: name.into(), meaning: meaning.into() }
    }

    #[test]
    fn each_mistake_is_named() {
        let is_model = |model: &str| model.starts_with("a/");
        assert_eq!(custom().mistakes(is_model), []);
        let twice = vec![criterion("tone", "x"), criterion("tone", "y")];
        for (wrong, pointer) in [
            (Custom { name: " ".to_owned(), ..custom() }, "/name"),
            (Custom { instructions: "\n".to_owned(), ..custom() }, "/instructions"),
            (Custom { members: vec!["b/one".to_owned()], quorum: None, ..custom() }, "/members"),
            (Custom { members: vec!["a/one".to_owned(); 10], ..custom() }, "/members"),
            (Custom { chairs: vec!["a/one".to_owned(); 4], ..custom() }, "/chairs"),
            (Custom { quorum: Some(3), ..custom() }, "/quorum"),
            (Custom { quorum: Some(0), ..custom() }, "/quorum"),
            (Custom { members: vec![], ..custom() }, "/quorum"),
            (Custom { criteria: vec![], ..custom() }, "/criteria"),
            (Custom { criteria: twice, ..custom() }, "/criteria"),
            (Custom { criteria: vec![criterion("Tone!", "x")], ..custom() }, "/criteria"),
            (Custom { criteria: vec![criterion("tone", " ")], ..custom() }, "/criteria"),
        ] {
            let mistakes = wrong.mistakes(is_model);
            assert_eq!(mistakes.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [pointer], "{wrong:?}");
        }
    }

    #[test]
    fn without_members_of_its_own_it_sits_in_the_usual_council() {
        let models = |models: &[&str]| models.iter().map(|model| (*model).to_owned()).collect::<Vec<_>>();
        let usual = Council { members: models(&["x/1", "x/2"]), chairs: models(&["x/2"]), quorum: Some(1) };
        let own = custom().brief(usual.clone()).council;
        assert_eq!((own.members.len(), own.quorum, own.chairs.len()), (2, Some(2), 0));
        let lent = Custom { members: vec![], quorum: None, ..custom() };
        let brief = lent.clone().brief(usual.clone());
        assert_eq!((brief.council, brief.instructions.as_str()), (usual.clone(), "You advise on pricing."));
        let chaired = Custom { chairs: models(&["x/1"]), ..lent }.brief(usual.clone()).council;
        assert_eq!(chaired, Council { chairs: models(&["x/1"]), ..usual });
    }

    #[test]
    fn slugs_are_plain() {
        assert_eq!(usual_criteria().len(), 3);
        for slug in ["pricing", "eu-law", "a1"] {
            assert_eq!(check_slug(slug), Ok(()));
        }
        for slug in ["", "a", "1a", "Pricing", "a_b", "a b", "-a", &"a".repeat(41)] {
            assert!(check_slug(slug).is_err(), "{slug}");
        }
        assert!(is_taken("legal") && !is_taken("pricing"));
    }
}

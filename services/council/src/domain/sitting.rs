//! Who sits, what they are asked to be, by what they are judged, and how long they have. Settled when a run begins and
//! kept with it: whoever carries the run on asks the same of the same.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::agent::{Brief, Council, Criterion};
use super::mode::Mode;
use super::vote;

/// Of a council, at most.
pub const MAX_MEMBERS: usize = 9;
/// Of an ensemble, unless told.
const SAMPLES: usize = 3;
/// Of an ensemble.
const ALLOWED_SAMPLES: std::ops::RangeInclusive<usize> = 2..=MAX_MEMBERS;
/// Of a vote.
const ALLOWED_OPTIONS: std::ops::RangeInclusive<usize> = 2..=20;

/// Who sits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sitting {
    /// How they come to an answer.
    pub mode: Mode,
    /// The model of each seat.
    pub members: Vec<String>,
    /// Who may write the answer, in the order in which they are tried.
    pub chairs: Vec<String>,
    /// How many must answer.
    pub quorum: usize,
    /// What its models are told to be.
    pub instructions: String,
    /// By what answers are judged.
    pub criteria: Vec<Criterion>,
    /// The answers that a vote is between; any short answer where there are none.
    pub options: Vec<String>,
    /// How long each stage may take.
    pub limits: Limits,
}

/// How long each stage may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// A seat, its fallback included.
    pub answers: Duration,
    /// A review, its second try included.
    pub critique: Duration,
    /// All chairs together.
    pub synthesis: Duration,
}

/// What a question wants otherwise than its agent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wish {
    /// How to come to an answer.
    pub mode: Option<Mode>,
    /// The one model that is asked.
    pub model: Option<String>,
    /// How often it is asked.
    pub samples: Option<usize>,
    /// The answers that a vote is between.
    pub options: Vec<String>,
}

/// A wish that cannot be met, and where in the question it stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unfit {
    /// As a JSON pointer.
    pub pointer: &'static str,
    /// For whoever asked.
    pub why: String,
}

impl Sitting {
    /// The sitting of an agent for a question.
    ///
    /// # Errors
    /// What of the wish does not fit its mode. Whether models exist is not looked at.
    pub fn new(brief: Brief, wish: Wish, limits: Limits) -> Result<Self, Unfit> {
        let mode = wish.mode.unwrap_or(brief.mode);
        check(mode, &wish)?;
        let Brief { instructions, criteria, council, mode: _ } = brief;
        let Council { members, chairs, quorum } = council;
        let one = || wish.model.clone().or_else(|| members.first().cloned()).into_iter();
        let more_than_half = |count: usize| count / 2 + 1;
        let (members, chairs, quorum) = match mode {
            Mode::Single => (one().collect(), Vec::new(), 1),
            Mode::SelfEnsemble => {
                let samples = wish.samples.unwrap_or(SAMPLES);
                let itself: Vec<String> = one().collect();
                let others = chairs.into_iter().filter(|chair| !itself.contains(chair));
                let chairs = itself.iter().cloned().chain(others).collect();
                let seats = itself.iter().cycle().take(samples).cloned().collect();
                (seats, chairs, more_than_half(samples))
            }
            Mode::Vote => {
                let quorum = quorum.unwrap_or(more_than_half(members.len()));
                (members, Vec::new(), quorum)
            }
            Mode::Council => {
                let quorum = quorum.unwrap_or(more_than_half(members.len()));
                let chairs = if chairs.is_empty() { members.clone() } else { chairs };
                (members, chairs, quorum)
            }
        };
        Ok(Self { mode, members, chairs, quorum, instructions, criteria, options: wish.options, limits })
    }

    /// The names of the criteria.
    pub fn criteria_names(&self) -> Vec<&str> {
        self.criteria.iter().map(|criterion| criterion.name.as_ref()).collect()
    }
}

fn check(mode: Mode, wish: &Wish) -> Result<(), Unfit> {
    let unfit = |pointer, why: String| Err(Unfit { pointer, why });
    if wish.model.is_some() && !matches!(mode, Mode::Single | Mode::SelfEnsemble) {
        return unfit("/model", "only SINGLE and SELF_ENSEMBLE ask one model".to_owned());
    }
    match wish.samples {
        Some(_) if mode != Mode::SelfEnsemble => {
            return unfit("/samples", "only SELF_ENSEMBLE asks several times".to_owned());
        }
        Some(samples) if !ALLOWED_SAMPLES.contains(&samples) => {
            let (least, most) = (ALLOWED_SAMPLES.start(), ALLOWED_SAMPLES.end());
            return unfit("/samples", format!("must be from {least} to {most}"));
        }
        _ => {}
    }
    if wish.options.is_empty() {
        return Ok(());
    }
    if mode != Mode::Vote {
        return unfit("/options", "only VOTE is between given answers".to_owned());
    }
    if !ALLOWED_OPTIONS.contains(&wish.options.len()) {
        let (least, most) = (ALLOWED_OPTIONS.start(), ALLOWED_OPTIONS.end());
        return unfit("/options", format!("must be from {least} to {most}"));
    }
    let mut known = std::collections::HashSet::new();
    let clash = |option: &&String| {
        let plain = vote::normalise(option);
        plain.is_empty() || !known.insert(plain)
    };
    match wish.options.iter().find(clash) {
        Some(option) => unfit("/options", format!("{option:?} cannot be told from another one")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agent;

    impl Sitting {
        /// Three models advise on money.
        pub(crate) fn of_finance(wish: Wish) -> Result<Self, Unfit> {
            let second = Duration::from_secs(1);
            let limits = Limits { answers: second, critique: second, synthesis: second };
            let models = ["a/one", "a/two", "a/three"].map(str::to_owned).to_vec();
            let finance = agent::find("finance").expect("an agent");
            let council = Council { members: models, chairs: vec!["a/two".to_owned()], quorum: None };
            Self::new(Brief::of(finance, council), wish, limits)
        }
    }

    fn of(wish: Wish) -> Result<Sitting, Unfit> {
        Sitting::of_finance(wish)
    }

    fn mode(mode: Mode) -> Wish {
        Wish { mode: Some(mode), ..Wish::default() }
    }

    #[test]
    fn each_mode_has_its_seats() {
        let council = of(Wish::default()).unwrap();
        assert_eq!((council.mode, council.members.len(), council.quorum), (Mode::Council, 3, 2));
        assert_eq!(council.chairs, ["a/two"]);
        let single = of(Wish { model: Some("b/x".to_owned()), ..mode(Mode::Single) }).unwrap();
        assert_eq!((single.members, single.chairs, single.quorum), (vec!["b/x".to_owned()], vec![], 1));
        let ensemble = of(Wish { samples: Some(4), ..mode(Mode::SelfEnsemble) }).unwrap();
        assert_eq!((ensemble.members, ensemble.quorum), (vec!["a/one".to_owned(); 4], 3));
        assert_eq!(ensemble.chairs, ["a/one", "a/two"]);
        let vote = of(mode(Mode::Vote)).unwrap();
        assert_eq!((vote.members.len(), vote.chairs.len(), vote.quorum), (3, 0, 2));
    }

    #[test]
    fn what_does_not_fit_a_mode_is_refused() {
        let options = |options: &[&str]| options.iter().map(|option| (*option).to_owned()).collect();
        for (wish, pointer) in [
            (Wish { model: Some("b/x".to_owned()), ..Wish::default() }, "/model"),
            (Wish { samples: Some(3), ..Wish::default() }, "/samples"),
            (Wish { samples: Some(1), ..mode(Mode::SelfEnsemble) }, "/samples"),
            (Wish { samples: Some(10), ..mode(Mode::SelfEnsemble) }, "/samples"),
            (Wish { options: options(&["yes", "no"]), ..Wish::default() }, "/options"),
            (Wish { options: options(&["yes"]), ..mode(Mode::Vote) }, "/options"),
            (Wish { options: options(&["yes", " Yes. "]), ..mode(Mode::Vote) }, "/options"),
            (Wish { options: options(&["yes", "…"]), ..mode(Mode::Vote) }, "/options"),
        ] {
            assert_eq!(of(wish.clone()).unwrap_err().pointer, pointer, "{wish:?}");
        }
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let sitting = of(mode(Mode::SelfEnsemble)).unwrap();
        let written = serde_json::to_value(&sitting).unwrap();
        assert_eq!(serde_json::from_value::<Sitting>(written).unwrap(), sitting);
    }
}

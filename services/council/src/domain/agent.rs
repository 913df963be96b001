//! The agents of the product: what each is asked to be, and by what its answers are judged.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::mode::Mode;

/// Somebody to ask.
#[derive(Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its name in requests.
    pub slug: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// What it is good for.
    pub about: &'static str,
    /// What its models are told.
    pub instructions: &'static str,
    /// By what answers are judged, with what each means.
    pub criteria: &'static [Criterion],
}

/// Something by which an answer is judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Its name in reviews.
    #[schema(value_type = String, min_length = 1, max_length = 40, example = "accuracy")]
    pub name: Cow<'static, str>,
    /// What ten points take.
    #[schema(value_type = String, min_length = 1, max_length = 500)]
    pub meaning: Cow<'static, str>,
}

/// What a council needs to know of an agent, the product's or a workspace's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// What its models are told.
    pub instructions: String,
    /// By what answers are judged.
    pub criteria: Vec<Criterion>,
    /// How it comes to answers, unless a question wants otherwise.
    pub mode: Mode,
    /// Who sits in its council.
    pub council: Council,
}

/// The models of a council.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Council {
    /// A model for each seat.
    pub members: Vec<String>,
    /// Who may chair, in order; the members where nobody is named.
    pub chairs: Vec<String>,
    /// How many must answer; more than half if not said.
    pub quorum: Option<usize>,
}

impl Brief {
    /// Of an agent of the product, in the council that the settings describe.
    pub fn of(agent: &Agent, council: Council) -> Self {
        Self {
            instructions: agent.instructions.to_owned(),
            criteria: agent.criteria.to_vec(),
            mode: Mode::Council,
            council,
        }
    }
}

const ACCURACY: Criterion = Criterion {
    name: Cow::Borrowed("accuracy"),
    meaning: Cow::Borrowed(
        "Everything that can be checked is right; nothing is invented; what is assumed is called an assumption.",
    ),
};
const REASONING: Criterion = Criterion {
    name: Cow::Borrowed("reasoning"),
    meaning: Cow::Borrowed(
        "Each recommendation follows from reasons that are given and that hold for this company.",
    ),
};
const USEFULNESS: Criterion = Criterion {
    name: Cow::Borrowed("usefulness"),
    meaning: Cow::Borrowed("The founders know what to do next, in which order, and what it will take."),
};

/// Every agent.
pub const AGENTS: &[Agent] = &[
    Agent {
        slug: "legal",
        name: "Legal",
        about: "Company, contracts, intellectual property, employment and data protection: what could hurt, and what to settle first.",
        instructions: include_str!("../prompts/legal.md"),
        criteria: &[
            ACCURACY,
            REASONING,
            USEFULNESS,
            Criterion {
                name: Cow::Borrowed("caution"),
                meaning: Cow::Borrowed(
                    "Says which law it speaks of, where rules differ by place, and what only an admitted lawyer can settle.",
                ),
            },
        ],
    },
    Agent {
        slug: "finance",
        name: "Finance",
        about: "Cash, runway, unit economics, pricing and planning: the numbers and what they decide.",
        instructions: include_str!("../prompts/finance.md"),
        criteria: &[
            ACCURACY,
            REASONING,
            USEFULNESS,
            Criterion {
                name: Cow::Borrowed("numeracy"),
                meaning: Cow::Borrowed(
                    "Calculates where calculating is possible, shows the formula and the inputs, and gives ranges where inputs are guesses.",
                ),
            },
        ],
    },
    Agent {
        slug: "investor",
        name: "Investor",
        about: "How an experienced early-stage investor sees the company: the case for it, the case against it, and what would change their mind.",
        instructions: include_str!("../prompts/investor.md"),
        criteria: &[
            ACCURACY,
            REASONING,
            USEFULNESS,
            Criterion {
                name: Cow::Borrowed("candour"),
                meaning: Cow::Borrowed(
                    "Names the hardest objection and the likeliest way to fail plainly, without softening and without scorn.",
                ),
            },
        ],
    },
    Agent {
        slug: "competitor",
        name: "Competitor",
        about: "Plays the strongest rival: who they are, where they would attack, and how to answer.",
        instructions: include_str!("../prompts/competitor.md"),
        criteria: &[
            ACCURACY,
            REASONING,
            USEFULNESS,
            Criterion {
                name: Cow::Borrowed("insight"),
                meaning: Cow::Borrowed(
                    "Sees moves and weaknesses that the founders have probably not seen, and that a real rival could use.",
                ),
            },
        ],
    },
];

/// The agent of this name.
pub fn find(slug: &str) -> Option<&'static Agent> {
    AGENTS.iter().find(|agent| agent.slug == slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_complete() {
        for agent in AGENTS {
            assert_eq!(find(agent.slug), Some(agent));
            assert_eq!(agent.criteria.len(), 4);
            assert!(agent.instructions.len() > 800, "{}", agent.slug);
        }
        assert_eq!(find("astrology"), None);
    }
}

//! The agents of the product: what each is asked to be, and by what its answers are judged.

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
#[derive(Debug, PartialEq, Eq)]
pub struct Criterion {
    /// Its name in reviews.
    pub name: &'static str,
    /// What ten points take.
    pub meaning: &'static str,
}

impl Agent {
    /// The names of its criteria.
    pub fn criteria_names(&self) -> Vec<&'static str> {
        self.criteria.iter().map(|criterion| criterion.name).collect()
    }
}

const ACCURACY: Criterion = Criterion {
    name: "accuracy",
    meaning: "Everything that can be checked is right; nothing is invented; what is assumed is called an assumption.",
};
const REASONING: Criterion = Criterion {
    name: "reasoning",
    meaning: "Each recommendation follows from reasons that are given and that hold for this company.",
};
const USEFULNESS: Criterion = Criterion {
    name: "usefulness",
    meaning: "The founders know what to do next, in which order, and what it will take.",
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
                name: "caution",
                meaning: "Says which law it speaks of, where rules differ by place, and what only an admitted lawyer can settle.",
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
                name: "numeracy",
                meaning: "Calculates where calculating is possible, shows the formula and the inputs, and gives ranges where inputs are guesses.",
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
                name: "candour",
                meaning: "Names the hardest objection and the likeliest way to fail plainly, without softening and without scorn.",
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
                name: "insight",
                meaning: "Sees moves and weaknesses that the founders have probably not seen, and that a real rival could use.",
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

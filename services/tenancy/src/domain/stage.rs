use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far a start-up is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Stage {
    /// An idea and the people who have it.
    Idea,
    /// A prototype, money of friends and angels.
    PreSeed,
    /// First customers, a first round.
    Seed,
    /// A product that sells.
    SeriesA,
    /// A company that grows.
    SeriesB,
    /// Beyond.
    Growth,
}

impl Stage {
    const ALL: [Self; 6] =
        [Self::Idea, Self::PreSeed, Self::Seed, Self::SeriesA, Self::SeriesB, Self::Growth];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Idea => "IDEA",
            Self::PreSeed => "PRE_SEED",
            Self::Seed => "SEED",
            Self::SeriesA => "SERIES_A",
            Self::SeriesB => "SERIES_B",
            Self::Growth => "GROWTH",
        }
    }

    pub(crate) fn from_column(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text)
    }
}

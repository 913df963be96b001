use std::fmt;
use std::str::FromStr;

/// Where a process runs: decides whether insecure defaults are allowed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Environment {
    /// A laptop or a test: defaults that nobody should rely on are allowed.
    #[default]
    Development,
    /// Anywhere that others can reach.
    Production,
}

impl Environment {
    /// Whether insecure defaults are refused.
    pub fn is_production(self) -> bool {
        self == Self::Production
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Development => "development",
            Self::Production => "production",
        })
    }
}

impl FromStr for Environment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "development" => Ok(Self::Development),
            "production" => Ok(Self::Production),
            _ => Err("must be `development` or `production`"),
        }
    }
}

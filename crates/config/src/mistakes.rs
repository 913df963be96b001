use std::fmt;

/// What is wrong with one variable. Never holds its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The variable.
    pub name: String,
    /// What is wrong, as the end of a sentence that begins with the name.
    pub why: String,
}

/// Everything that is wrong with a configuration, in the order in which it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes(pub(crate) Vec<Mistake>);

impl Mistakes {
    /// Each mistake.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.0.iter()
    }

    /// The variables that are wrong.
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|mistake| mistake.name.as_str()).collect()
    }
}

/// One line that counts them, then one line for each.
impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => write!(f, "the configuration has 1 mistake:")?,
            count => write!(f, "the configuration has {count} mistakes:")?,
        }
        for mistake in &self.0 {
            write!(f, "\n  {} {}", mistake.name, mistake.why)?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

//! What can be bought: configuration, not code.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::metric::Metric;

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Plan {
    /// Its key.
    #[schema(example = "free")]
    pub(crate) key: String,
    #[schema(example = "Free")]
    pub(crate) name: String,
    /// How much of each metric it allows in a calendar month; what is missing is not limited.
    pub(crate) limits: BTreeMap<Metric, i64>,
    /// What it switches on.
    pub(crate) features: Vec<String>,
}

/// All plans; the first is the one that a workspace has unless told otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plans(Vec<Plan>);

/// Why a list of plans cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlansError {
    #[error("must be a JSON list of plans: {0}")]
    Json(#[from] serde_json::Error),
    #[error("must have at least one plan")]
    Empty,
    #[error("has the plan '{0}' twice")]
    Twice(String),
    #[error("the plan '{0}' has a negative limit")]
    Negative(String),
}

impl Plans {
    /// Reads plans from JSON.
    pub(crate) fn parse(json: &str) -> Result<Self, PlansError> {
        let plans: Vec<Plan> = serde_json::from_str(json)?;
        if plans.is_empty() {
            return Err(PlansError::Empty);
        }
        for (index, plan) in plans.iter().enumerate() {
            if plans[..index].iter().any(|earlier| earlier.key == plan.key) {
                return Err(PlansError::Twice(plan.key.clone()));
            }
            if plan.limits.values().any(|limit| *limit < 0) {
                return Err(PlansError::Negative(plan.key.clone()));
            }
        }
        Ok(Self(plans))
    }

    pub(crate) fn all(&self) -> &[Plan] {
        &self.0
    }

    pub(crate) fn find(&self, key: &str) -> Option<&Plan> {
        self.0.iter().find(|plan| plan.key == key)
    }

    /// The plan of a subscription, or the default one: for no subscription, and for a plan that is no longer there.
    pub(crate) fn of_subscription(&self, key: Option<&str>) -> &Plan {
        key.and_then(|key| self.find(key)).unwrap_or(&self.0[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(key: &str, limit: i64) -> String {
        format!(r#"{{"key":"{key}","name":"N","limits":{{"runs":{limit}}},"features":[]}}"#)
    }

    #[test]
    fn the_first_plan_is_the_default_also_for_one_that_is_gone() {
        let plans = Plans::parse(&format!("[{},{}]", plan("free", 1), plan("pro", 2))).unwrap();
        assert_eq!(plans.of_subscription(None).key, "free");
        assert_eq!(plans.of_subscription(Some("pro")).key, "pro");
        assert_eq!(plans.of_subscription(Some("gold")).key, "free");
    }

    #[test]
    fn refuses_what_nobody_could_sell() {
        assert!(matches!(Plans::parse("[]"), Err(PlansError::Empty)));
        assert!(matches!(Plans::parse("{}"), Err(PlansError::Json(_))));
        assert!(matches!(Plans::parse(&format!("[{}]", plan("a", -1))), Err(PlansError::Negative(_))));
        assert!(matches!(
            Plans::parse(&format!("[{},{}]", plan("a", 1), plan("a", 1))),
            Err(PlansError::Twice(_))
        ));
    }
}

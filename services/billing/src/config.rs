//! `BILLING_PLANS`.

use std::time::Duration;

use witan_config::Reader;

use crate::domain::plan::Plans;

/// The plans of an installation that names none: enough on `free` to try everything.
const DEFAULT_PLANS: &str = include_str!("plans.json");
/// Longer than any run may take; what is not settled by then was lost with its process.
const RESERVATION_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// Billing's own settings.
#[derive(Debug, Clone)]
pub struct BillingConfig {
    pub(crate) plans: Plans,
    pub(crate) reservation_lifetime: Duration,
}

impl BillingConfig {
    /// Reads them.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let text = r.or("BILLING_PLANS", DEFAULT_PLANS.to_owned());
        let lifetime = r.duration("BILLING_RESERVATION_LIFETIME", RESERVATION_LIFETIME);
        let plans = text.and_then(|text| match Plans::parse(&text) {
            Ok(plans) => Some(plans),
            Err(error) => r.mistake("BILLING_PLANS", error.to_string()),
        });
        Some(Self { plans: plans?, reservation_lifetime: lifetime? })
    }
}

#[cfg(test)]
mod tests {
    use witan_config::Env;

    use super::*;

    #[test]
    fn plans_that_cannot_be_read_are_a_mistake_that_names_the_variable() {
        let env = Env::from([("BILLING_PLANS", "[{]")]);
        let mut reader = Reader::new(&env);
        let config = BillingConfig::read(&mut reader);
        let mistakes = reader.finish(|| config).unwrap_err().to_string();
        assert!(mistakes.contains("BILLING_PLANS"), "{mistakes}");
    }

    #[test]
    fn the_plans_that_ship_are_sound() {
        let plans = Plans::parse(DEFAULT_PLANS).unwrap();
        assert_eq!(plans.of_subscription(None).key, "free");
        assert!(plans.find("pro").is_some());
    }
}

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

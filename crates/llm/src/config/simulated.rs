use crate::model::{Backend, ModelStatus};
use crate::sim::SimSettings;
use crate::{ModelInfo, Price};

/// Four simulated models of different speed and quality.
pub(super) fn simulated() -> Vec<ModelInfo> {
    let sim =
        |name: &str, latency_ms: u64, quality: u8, leniency: i8, price: Price, fallback: &str| ModelInfo {
            id: format!("sim/{name}"),
            provider: "sim".to_owned(),
            name: name.to_owned(),
            status: ModelStatus::Active,
            shutdown_on: None,
            replacement: None,
            price: Some(price),
            context_tokens: Some(32_000),
            fallback: Some(format!("sim/{fallback}")),
            backend: Backend::Sim(SimSettings {
                latency_ms,
                quality,
                leniency,
                token_ms: 4,
                ..SimSettings::default()
            }),
        };
    let price = |input, output| Price { input, output };
    vec![
        sim("alpha", 120, 8, 0, price(150_000, 600_000), "beta"),
        sim("beta", 180, 6, 1, price(100_000, 400_000), "alpha"),
        sim("gamma", 240, 9, -1, price(500_000, 1_500_000), "delta"),
        sim("delta", 90, 4, 0, price(50_000, 200_000), "gamma"),
    ]
}

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use witan_llm::{ModelInfo, ModelStatus, Price, ProviderKeys};
use witan_web::{Page, Result, State, Tenant};

use crate::app::App;
use crate::keys;

/// A model.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Model {
    /// Its id in requests.
    #[schema(example = "groq/llama-3.3-70b")]
    id: String,
    /// Who runs it.
    #[schema(example = "groq")]
    provider: String,
    /// Its name at the provider.
    #[schema(example = "llama-3.3-70b-versatile")]
    name: String,
    /// `ACTIVE`, `DEPRECATED` or `RETIRED`, as of today.
    #[schema(example = "ACTIVE")]
    status: &'static str,
    /// The first day on which it is not served any more, where the provider has said so.
    shutdown_date: Option<NaiveDate>,
    /// Who answers in its place once it is gone.
    replacement: Option<String>,
    /// Who answers in its place when it cannot.
    fallback: Option<String>,
    /// How many tokens it reads and writes at most in one call, where known.
    context_tokens: Option<u32>,
    /// What a million tokens cost, where known.
    price: Option<TokenPrice>,
    /// Whose key it would be asked with; null where there is none, and it cannot be asked.
    access: Option<KeyOwner>,
    /// Whether it only pretends.
    simulated: bool,
}

/// What a million tokens cost.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenPrice {
    /// Read, in millionths of the currency.
    #[schema(example = 590_000)]
    input_micros: u64,
    /// Written, in millionths of the currency.
    #[schema(example = 790_000)]
    output_micros: u64,
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: &'static str,
}

/// Whose key it is.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum KeyOwner {
    /// The workspace's own.
    Workspace,
    /// The platform's, or none is needed.
    Platform,
}

/// Lists the models that can be named, those that are gone and those without a key among them; all on one page.
#[utoipa::path(get, path = "/api/v1/models", operation_id = "listModels", tag = "models",
    responses((status = 200, description = "Models", body = Page<Model>)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<Page<Model>> {
    let keys = keys::of_workspace(&app, tenant.workspace_id).await?;
    let today = app.clock.now().date_naive();
    let models = app.panel.models().list().iter();
    Ok(Page::whole(models.map(|model| show(model, &keys, today)).collect()))
}

fn show(model: &ModelInfo, keys: &ProviderKeys, today: NaiveDate) -> Model {
    let status: ModelStatus = model.status_on(today);
    let access = if keys.of(&model.provider).is_some() {
        Some(KeyOwner::Workspace)
    } else {
        model.is_usable().then_some(KeyOwner::Platform)
    };
    Model {
        id: model.id.clone(),
        provider: model.provider.clone(),
        name: model.name.clone(),
        status: status.as_str(),
        shutdown_date: model.shutdown_on,
        replacement: model.replacement.clone(),
        fallback: model.fallback.clone(),
        context_tokens: model.context_tokens,
        price: model.price.map(|price| TokenPrice {
            input_micros: price.input,
            output_micros: price.output,
            currency: Price::CURRENCY,
        }),
        access,
        simulated: model.is_simulated(),
    }
}

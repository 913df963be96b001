use serde::Serialize;
use utoipa::ToSchema;
use witan_llm::ModelStatus;
use witan_web::{Json, Result, State, Tenant};

use crate::agents;
use crate::app::App;
use crate::keys;
use crate::openai::COUNCIL;

/// Models as OpenAI lists them.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelList {
    #[schema(example = "list")]
    object: &'static str,
    data: Vec<ListedModel>,
}

/// A council or a model.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListedModel {
    #[schema(example = "council/finance")]
    id: String,
    #[schema(example = "model")]
    object: &'static str,
    /// Not known; the API asks for it.
    created: i64,
    /// Who runs it: `council`, or a provider.
    #[schema(example = "council")]
    owned_by: String,
}

/// Lists the councils and models that can be asked, as OpenAI lists models.
#[utoipa::path(get, path = "/v1/models", operation_id = "listOpenAiModels", tag = "openai",
    responses((status = 200, description = "Councils, then models", body = ModelList)))]
pub(crate) async fn handle(app: State<App>, tenant: Tenant) -> Result<Json<ModelList>> {
    let keys = keys::of_workspace(&app, tenant.workspace_id).await?;
    let today = app.clock.now().date_naive();
    let councils = agents::slugs(&app, tenant.workspace_id).await?;
    let councils = councils.into_iter().map(|slug| listed(format!("{COUNCIL}{slug}"), "council"));
    let models = app.panel.models().list().iter();
    let models = models
        .filter(|model| model.is_usable_with(Some(&keys)) && model.status_on(today) != ModelStatus::Retired);
    let models = models.map(|model| listed(model.id.clone(), &model.provider));
    Ok(Json(ModelList { object: "list", data: councils.chain(models).collect() }))
}

fn listed(id: String, owned_by: &str) -> ListedModel {
    ListedModel { id, object: "model", created: 0, owned_by: owned_by.to_owned() }
}
